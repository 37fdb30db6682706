import { bytesToHex } from '../bytes.ts';

/**
 * UTF-16 code units in a single message, and in each of several parts (3GPP TS 23.040 §9.2.3.24:
 * 140 octets, 6 for the header).
 */
const UNITS_ALONE = 70;
const UNITS_IN_PART = 67;

/**
 * First octet (§9.2.2.2): SMS-SUBMIT with a relative validity period; 0x40 adds a header before its
 * text. Type of address (§9.1.2.5): international number. Protocol 0; UCS-2 (TS 23.038 §4);
 * validity 167 = 24 hours (§9.2.3.12.1).
 */
const SUBMIT = 0x11;
const WITH_HEADER = 0x40;
const INTERNATIONAL = 0x91;
const UCS2 = 0x08;
const VALID_24_H = 0xa7;

interface Submit {
  /**
   * Argument of `AT+CMGS=` in PDU mode: the number of octets without those of the SMS centre (3GPP
   * TS 27.005 §4.3).
   */
  readonly length: number;
  /**
   * Hexadecimal, after an empty address of the SMS centre: the modem then uses the SIM card's own.
   */
  readonly pdu: string;
}

/** Splits a text into the parts of one message in UCS-2, never within a character. */
export function ucs2Parts(text: string): string[] {
  if (text.length <= UNITS_ALONE) return [text];
  const parts: string[] = [];
  for (let from = 0; from < text.length; ) {
    const end = Math.min(from + UNITS_IN_PART, text.length);
    const splits = /[\uD800-\uDBFF]/.test(text[end - 1] ?? '') && end < text.length;
    parts.push(text.slice(from, splits ? end - 1 : end));
    from = splits ? end - 1 : end;
  }
  return parts;
}

/**
 * Returns the parts of one message for a modem in PDU mode. A phone joins them by `reference`
 * (§9.2.3.24.1), which is the same for a part that is sent again.
 * @param number with its country code, `+15551234567`
 */
export function encodeSubmits(number: string, parts: readonly string[], reference: number): Submit[] {
  return parts.map((part, index) => {
    const header = parts.length === 1 ? [] : [5, 0, 3, reference & 0xff, parts.length, index + 1];
    const data = [...header, ...Array.from(part.split(''), (unit) => octetsOf(unit.charCodeAt(0))).flat()];
    const first = parts.length === 1 ? SUBMIT : SUBMIT | WITH_HEADER;
    const octets = [first, 0, ...addressOf(number), 0, UCS2, VALID_24_H, data.length, ...data];
    return { length: octets.length, pdu: `00${bytesToHex(Uint8Array.from(octets)).toUpperCase()}` };
  });
}

function octetsOf(unit: number): number[] {
  return [unit >> 8, unit & 0xff];
}

/**
 * §9.1.2.5: the number of digits, then two digits per octet, the first one low. 15 fills up the
 * last octet.
 */
function addressOf(number: string): number[] {
  const digits = number.replace(/\D/g, '');
  const pairs = digits.match(/..?/g) ?? [];
  const octets = pairs.map(([low = '0', high = 'F']) => (Number.parseInt(high, 16) << 4) | Number.parseInt(low, 16));
  return [digits.length, INTERNATIONAL, ...octets];
}
