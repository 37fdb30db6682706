import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * One line of a segment: `<crc> <number> <chain> <json>\n`
 *
 * - crc: CRC-32 (IEEE 802.3, as in zlib) of everything after it up to the newline, 8 hex digits. It
 * finds torn writes and bit rot.
 * - number: the record's place in the whole journal, from 1, rising by one. A header line has the
 * number it continues from. Behind it `-B+L`: of the same write, B lines stand before this one and
 * L behind it. So a reader can tell what a power cut tore out of the last write from what was lost
 * of a write that had been called durable. Headers and format 1 lack it.
 * - chain: the first 128 bits of SHA-256(`<chain before> <number> <json>`), 32 hex digits. It
 * proves that nothing was left out or changed between two lines one trusts.
 * - json: the entry, on one line; it contains neither newline nor NUL.
 */
export interface JournalLine {
  readonly number: number;
  readonly write?: PlaceInWrite;
  readonly chain: string;
  readonly json: string;
}

/** How many lines of the same write stand before and behind a line. */
export interface PlaceInWrite {
  readonly before: number;
  readonly behind: number;
}

/** Chain value before the first record of a journal. */
export const GENESIS = '0'.repeat(32);

export const NEWLINE = 0x0a;
const SPACE = 0x20;

const CRC_DIGITS = 8;
/** JSON may hold the line separators U+2028 and U+2029 as they are: they end no line here. */
const BODY = /^(\d{1,15})(?:-(\d{1,6})\+(\d{1,6}))? ([0-9a-f]{32}) (\{.*\})$/s;
/** Upper bound of a line's bytes beside its JSON. */
export const LINE_OVERHEAD = CRC_DIGITS + 1 + 15 + 14 + 1 + 32 + 1 + 1;

export function chainAfter(chain: string, number: number, json: string): string {
  return hash('sha256', `${chain} ${number} ${json}`, 'hex').slice(0, 32);
}

export function encodeLine(line: JournalLine): Uint8Array {
  const bytes = Buffer.allocUnsafe(LINE_OVERHEAD + Buffer.byteLength(line.json));
  return bytes.subarray(0, writeLine(bytes, 0, line));
}

/**
 * Writes the line into bytes that have room for it.
 *
 * @returns where it ends
 */
export function writeLine(bytes: Buffer, start: number, line: JournalLine): number {
  const { number, write, chain, json } = line;
  const place = write === undefined ? '' : `-${write.before}+${write.behind}`;
  const body = start + CRC_DIGITS + 1;
  let end = body + bytes.write(`${number}${place} ${chain} `, body, 'latin1');
  end += bytes.write(json, end);
  writeHex(bytes, start, crc32(bytes.subarray(body, end)));
  bytes[body - 1] = SPACE;
  bytes[end] = NEWLINE;
  return end + 1;
}

/** @returns the line, or `undefined` if a single bit of it is not as it was written */
export function decodeLine(bytes: Uint8Array): JournalLine | undefined {
  if (bytes.length <= CRC_DIGITS + 1) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (text.toString('latin1', 0, CRC_DIGITS) !== crcText(text.subarray(CRC_DIGITS + 1))) return undefined;
  if (text[CRC_DIGITS] !== SPACE) return undefined;
  const parts = BODY.exec(text.toString('utf8', CRC_DIGITS + 1));
  if (parts === null) return undefined;
  const [, number = '', before, behind, chain = '', json = ''] = parts;
  const write = before === undefined ? {} : { write: { before: Number(before), behind: Number(behind) } };
  return { number: Number(number), ...write, chain, json };
}

function crcText(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(CRC_DIGITS, '0');
}

/** Without a string: this is done for every record. */
function writeHex(bytes: Buffer, start: number, crc: number): void {
  for (let at = start + CRC_DIGITS - 1, left = crc; at >= start; at -= 1, left >>>= 4) {
    const digit = left & 0xf;
    bytes[at] = digit < 10 ? 0x30 + digit : 0x57 + digit;
  }
}
