import { bytesToAscii, hex4At, putAscii, putHex, putHex4 } from '../bytes.ts';
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
  readonly timestampMs?: number | undefined;
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

const LF = 0x0a;
const CR = 0x0d;
const ZERO = 0x30;
const QUOTE = 0x22;
/** The length field has three hex digits after its leading 0. */
const BODY_MAX = 0xfff;

/**
 * Returns the whole frame from LF to CR. It is encrypted if a sealer is given.
 * @param allocate returns so many bytes, whatever their values
 * @throws RangeError if the body is longer than the length field can express
 */
export function encodeMessage(message: Dc09Message, sealer?: Sealer, allocate: Allocate = zeros): Uint8Array {
  const { token, sequence, receiver, prefix, account, data, xdata, timestampMs } = message;
  const star = sealer === undefined ? '' : '*';
  const to = receiver === undefined ? `L${prefix}` : `R${receiver}L${prefix}`;
  const from = account === undefined ? 'A0' : `#${account}`;
  const head = `"${star}${token}"${String(sequence).padStart(4, '0')}${to}${from}[`;
  let content = `${data}]`;
  for (const block of xdata) content += `[${block}]`;
  if (timestampMs !== undefined) content += `_${formatTimestamp(timestampMs)}`;
  if (sealer === undefined) {
    const frame = emptyFrame(head.length + content.length, allocate);
    putAscii(frame, putAscii(frame, BODY_AT, head), content);
    return finished(frame);
  }
  const sealed = seal(sealer, content, allocate);
  const frame = emptyFrame(head.length + 2 * sealed.length, allocate);
  putHex(frame, putAscii(frame, BODY_AT, head), sealed);
  return finished(frame);
}

/** LF, four digits of the CRC and four of the length. */
const BODY_AT = 9;

/** By default the platform's own allocation, which is slow: a frame is a block of its own. */
type Allocate = (length: number) => Uint8Array;
const zeros: Allocate = (length) => new Uint8Array(length);

function emptyFrame(bodyLength: number, allocate: Allocate): Uint8Array {
  if (bodyLength > BODY_MAX) throw new RangeError(`a DC-09 body of ${bodyLength} bytes exceeds ${BODY_MAX}`);
  return allocate(BODY_AT + bodyLength + 1);
}

/**
 * Adds LF, CRC, length and CR to the body. CRC and length cover exactly the body (first quote to
 * before the CR).
 */
function finished(frame: Uint8Array): Uint8Array {
  const crAt = frame.length - 1;
  frame[0] = LF;
  putHex4(frame, 1, crc16Arc(frame, BODY_AT, crAt));
  putHex4(frame, 5, crAt - BODY_AT);
  frame[crAt] = CR;
  return frame;
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
  const start = frame.indexOf(QUOTE);
  if (start === 6 && frame[2] === ZERO && hex4At(frame, 2) !== undefined) return 'binaryCrc';
  if (start < 8 || end <= start) return 'tooShort';
  const length = hex4At(frame, start - 4);
  if (length === undefined || hex4At(frame, start - 8) !== crc16Arc(frame, start, end)) return 'badCrc';
  return { body: bytesToAscii(frame, start, end), lengthMatches: length === end - start };
}

/**
 * Reads the content after the opening bracket.
 * @param opener needed if the envelope is encrypted
 * @returns `undefined` if the closing bracket or the key is missing, or the ciphertext is invalid
 */
export function parseContent(envelope: Envelope, opener?: Pick<Sealer, 'aes'>): Content | undefined {
  if (!envelope.encrypted) return parseClear(envelope.rest);
  if (opener === undefined) return undefined;
  // The closing bracket is not sent unencrypted, yet some senders add one.
  const { rest } = envelope;
  const clear = unseal(opener, rest.endsWith(']') ? rest.slice(0, -1) : rest);
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
