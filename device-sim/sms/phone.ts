import { hexToBytes } from '../../protocol/bytes.ts';

/** A text, or a part of one, as it arrives at a phone. */
interface PhoneMessage {
  readonly number: string;
  readonly text: string;
  readonly part?: { readonly reference: number; readonly of: number; readonly place: number };
}

/**
 * Reads an SMS-SUBMIT in UCS-2 (3GPP TS 23.040 §9.2.2.2) as an SMS centre and a phone do,
 * independently of the gateway's encoder. Returns `undefined` if the modem refuses it.
 */
export function readSubmit(pdu: string, length: number): PhoneMessage | undefined {
  const bytes = hexToBytes(pdu);
  const centre = bytes?.[0] ?? 255;
  const tpdu = bytes?.subarray(1 + centre);
  if (tpdu === undefined || tpdu.length !== length) return undefined;
  const [first = 0, , digits = 0, type] = tpdu;
  // It is an SMS-SUBMIT with a relative validity period, to an international number.
  if ((first & 0x1b) !== 0x11 || type !== 0x91) return undefined;
  const afterNumber = 4 + Math.ceil(digits / 2);
  const number = numberOf(tpdu.subarray(4, afterNumber), digits);
  const [protocol, coding, , dataLength = 0] = tpdu.subarray(afterNumber);
  const data = tpdu.subarray(afterNumber + 4);
  if (protocol !== 0 || coding !== 8 || data.length !== dataLength || data.length > 140) return undefined;
  if ((first & 0x40) === 0) return { number, text: ucs2(data) };
  const [headerLength = 0, element, elementLength, reference = 0, of = 0, place = 0] = data;
  if (element !== 0 || elementLength !== 3 || place < 1 || place > of) return undefined;
  return { number, text: ucs2(data.subarray(headerLength + 1)), part: { reference, of, place } };
}

/** Puts the parts of long messages together, as a phone does. */
export class PartCollector {
  readonly #messages = new Map<string, Map<number, string>>();

  /** Returns the whole text with its last part. */
  take({ number, text, part }: PhoneMessage): string | undefined {
    if (part === undefined) return text;
    const key = `${number} ${part.reference} ${part.of}`;
    const parts = this.#messages.get(key) ?? new Map<number, string>();
    this.#messages.set(key, parts.set(part.place, text));
    if (parts.size < part.of) return undefined;
    this.#messages.delete(key);
    return [...parts]
      .sort(([a], [b]) => a - b)
      .map(([, each]) => each)
      .join('');
  }
}

function numberOf(octets: Uint8Array, digits: number): string {
  const all = Array.from(octets, (octet) => `${(octet & 15).toString(16)}${(octet >> 4).toString(16)}`).join('');
  return `+${all.slice(0, digits)}`;
}

function ucs2(data: Uint8Array): string {
  let text = '';
  for (let at = 0; at + 1 < data.length; at += 2) {
    text += String.fromCharCode(((data[at] ?? 0) << 8) | (data[at + 1] ?? 0));
  }
  return text;
}
