import { asciiToBytes, bytesToAscii } from '../bytes.ts';
import { crc16Arc } from '../crc16.ts';
import { type Sealer, seal, unseal } from './sealer.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';

/** One DC-09 message in either direction as plain fields. All text is printable ASCII. */
export interface Dc09Message {
  /**
   * Token without the `*` of encrypted messages: `SIA-DCS`, `ADM-CID`, `NULL`, `ACK`, `NAK`, `DUH`,
   * `RSP`.
   */
  readonly token: string;
  /** 0…9999. */
  readonly sequence: number;
  /** `R` field, 1…6 hex digits; absent if not sent. */
  readonly receiver?: string;
  /** `L` field, 1…6 hex digits. */
  readonly prefix: string;
  /** Absent only in a NAK, which has a literal `A0` in its place. */
  readonly account?: string;
  /** Content of the brackets, e.g. `#1234|Nri1/PA003`. It is empty for polls and most replies. */
  readonly data: string;
  /** Extended data blocks without their brackets, each with its identifying letter first. */
  readonly xdata: readonly string[];
  /** Ms since 1970 UTC, whole seconds. */
  readonly timestampMs?: number;
}

/** The unencrypted part of a received frame with a verified CRC. */
export interface Envelope {
  readonly token: string;
  readonly encrypted: boolean;
  readonly sequence: number;
  readonly receiver?: string;
  readonly prefix: string;
  /** Account as sent, with upper and lower case kept. */
  readonly account?: string;
  /** Everything after the opening `[`: plain content, or ciphertext in hex. */
  readonly rest: string;
  /**
   * True if the length field matches the body. A request with a wrong length is dropped. In a reply
   * the CRC is sufficient proof.
   */
  readonly lengthMatches: boolean;
}

export interface Content {
  readonly data: string;
  readonly xdata: readonly string[];
  readonly timestampMs?: number;
  /**
   * The rest after the last field understood: garbage after an encrypted reply, a mistake in an
   * unencrypted request.
   */
  readonly trailing: string;
}

/**
 * `binaryCrc` means two bytes in place of the four hex digits, as one family of panels writes them.
 */
export type EnvelopeFault = 'tooShort' | 'binaryCrc' | 'badCrc' | 'badSyntax';

const CR = 0x0d;
/** The length field has three hex digits after its leading 0. */
const BODY_MAX = 0xfff;

/**
 * Returns the whole frame from LF to CR. It is encrypted if a sealer is given.
 * @throws RangeError if the body is longer than the length field can express
 */
export function encodeMessage(message: Dc09Message, sealer?: Sealer): Uint8Array {
  const { token, sequence, receiver, prefix, account, data, xdata, timestampMs } = message;
  const head = [
    `"${sealer === undefined ? '' : '*'}${token}"${String(sequence).padStart(4, '0')}`,
    receiver === undefined ? '' : `R${receiver}`,
    `L${prefix}`,
    account === undefined ? 'A0' : `#${account}`,
  ].join('');
  const stamp = timestampMs === undefined ? '' : `_${formatTimestamp(timestampMs)}`;
  const content = `${data}]${xdata.map((block) => `[${block}]`).join('')}${stamp}`;
  return encodeBody(`${head}[${sealer === undefined ? content : seal(sealer, content)}`);
}

/**
 * Adds LF, CRC, length and CR to the body. CRC and length cover exactly the body (first quote to
 * before the CR).
 */
function encodeBody(body: string): Uint8Array {
  if (body.length > BODY_MAX) throw new RangeError(`a DC-09 body of ${body.length} bytes exceeds ${BODY_MAX}`);
  const crc = hex4(crc16Arc(asciiToBytes(body)));
  return asciiToBytes(`\n${crc}${hex4(body.length)}${body}\r`);
}

function hex4(value: number): string {
  return value.toString(16).toUpperCase().padStart(4, '0');
}

// The prefix matches lazily: in a NAK's `L0A0` the `A0` is in the place of `#account`.
const ENVELOPE =
  /^"(\*?)([A-Z][A-Z0-9-]*)"(\d{4})(?:R([0-9A-Fa-f]{0,6}))?(?:L([0-9A-Fa-f]{0,6}?))?(?:#([0-9A-Za-z]{0,16})|A0)?\[(.*)$/s;

/**
 * Reads one frame as the scanner cut it, with or without LF and CR. It skips garbage before the
 * CRC.
 */
export function parseEnvelope(frame: Uint8Array): Envelope | EnvelopeFault {
  const checked = checkedBody(frame);
  if (typeof checked === 'string') return checked;
  const match = ENVELOPE.exec(checked.body);
  if (match === null) return 'badSyntax';
  const [, star, token = '', sequence, receiver, prefix = '', account, rest = ''] = match;
  return {
    token,
    encrypted: star === '*',
    sequence: Number(sequence),
    ...(receiver === undefined ? {} : { receiver }),
    prefix,
    ...(account === undefined || account === '' ? {} : { account }),
    rest,
    lengthMatches: checked.lengthMatches,
  };
}

/** Returns the part between the length and the CR of a frame whose CRC is right. */
export function checkedBody(
  frame: Uint8Array,
): { readonly body: string; readonly lengthMatches: boolean } | EnvelopeFault {
  const end = frame[frame.length - 1] === CR ? frame.length - 1 : frame.length;
  const start = frame.indexOf(0x22);
  if (start === 6 && /^0[0-9A-Fa-f]{3}$/.test(bytesToAscii(frame, 2, 6))) return 'binaryCrc';
  if (start < 8 || end <= start) return 'tooShort';
  const head = bytesToAscii(frame, start - 8, start);
  if (!/^[0-9A-Fa-f]{8}$/.test(head)) return 'badCrc';
  if (Number.parseInt(head.slice(0, 4), 16) !== crc16Arc(frame, start, end)) return 'badCrc';
  const lengthMatches = Number.parseInt(head.slice(4), 16) === end - start;
  return { body: bytesToAscii(frame, start, end), lengthMatches };
}

/**
 * Reads the content after the opening bracket.
 * @param opener needed if the envelope is encrypted
 * @returns `undefined` if the closing bracket or the key is missing, or the ciphertext is invalid
 */
export function parseContent(envelope: Envelope, opener?: Pick<Sealer, 'aes' | 'key'>): Content | undefined {
  if (!envelope.encrypted) return parseClear(envelope.rest);
  if (opener === undefined) return undefined;
  // The closing bracket is not sent unencrypted, yet some senders add one.
  const clear = unseal(opener, envelope.rest.replace(/\]$/, ''));
  return clear === undefined ? undefined : parseClear(clear);
}

function parseClear(text: string): Content | undefined {
  const match = /^([^\]]*)\]((?:\[[^\]]*\])*)/.exec(text);
  if (match === null) return undefined;
  const [all, data = '', blocks = ''] = match;
  const xdata = blocks === '' ? [] : blocks.slice(1, -1).split('][');
  const stamp = text[all.length] === '_' ? parseTimestamp(text.slice(all.length + 1, all.length + 20)) : undefined;
  if (stamp === undefined) return { data, xdata, trailing: text.slice(all.length) };
  return { data, xdata, timestampMs: stamp, trailing: text.slice(all.length + 20) };
}
