import { chainAfter, decodeLine, type JournalLine, NEWLINE } from './journal-line.ts';
import { type ChainPoint, decodeHeader, type SegmentHeader } from './segment-header.ts';

export type ScanItem =
  | { readonly type: 'header'; readonly header: SegmentHeader; readonly end: number }
  | ScanRecord
  | ScanDamage;

export interface ScanRecord {
  readonly type: 'record';
  /** Line of the file, from 1. */
  readonly lineNumber: number;
  readonly line: JournalLine;
  /** Offsets in the file: of its first byte, and of the byte behind its last. */
  readonly start: number;
  readonly end: number;
  /** False if its newline is missing. */
  readonly isEnded: boolean;
}

export interface ScanDamage {
  readonly type: 'damage';
  /** Line of the file, from 1. */
  readonly lineNumber: number;
  /** Bytes that belong to no record. */
  readonly bytes: number;
  /**
   * `torn`: a write did not reach the medium whole (no end of line, or zeros inside). `crc`: the
   * line was changed after it was written. `chain`: its CRC fits, but it does not follow from the
   * record before it. No gateway put it there.
   */
  readonly reason: 'torn' | 'crc' | 'chain';
}

const LINE_START = /[0-9a-f]{8} \d{1,15}(?:-\d{1,6}\+\d{1,6})? [0-9a-f]{32} \{/g;
/**
 * The scan looks for this many beginnings of a line in a damaged line, from its end. Text that
 * looks like many lines must not cost time.
 */
const STARTS_MAX = 8;
/** No line is longer than this, bytes. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Yields everything in a segment, in order. The lines behind a damaged one are still good: after a
 * power cut a write of several sectors may lack one in the middle. Zeros are unused room.
 */
export function* scanSegment(bytes: Iterable<Uint8Array>): Generator<ScanItem> {
  let before: ChainPoint | undefined;
  for (const piece of pieces(bytes)) {
    const { lineNumber, start, end, isEnded } = piece;
    const line = decodeLine(piece.bytes);
    if (line === undefined) {
      const { damage, tail } = salvage(piece);
      yield damage;
      before = tail;
      if (tail !== undefined)
        yield { type: 'record', lineNumber, line: tail, start: start + damage.bytes, end, isEnded };
      continue;
    }
    const header = lineNumber === 1 ? decodeHeader(line) : undefined;
    if (header !== undefined) {
      before = header.after;
      yield { type: 'header', header, end };
      continue;
    }
    // A power cut can lose the sectors of the whole header, up to the beginning of the next line.
    const isHeaderTorn = lineNumber === 1 && piece.hadZeros && start > 0;
    if (isHeaderTorn) yield { type: 'damage', lineNumber, bytes: start, reason: 'torn' };
    const isRecord = isHeaderTorn || (lineNumber > 1 && follows(before, line));
    yield isRecord
      ? { type: 'record', lineNumber, line, start, end, isEnded }
      : { type: 'damage', lineNumber, bytes: piece.bytes.length, reason: 'chain' };
    before = lineNumber > 1 || isHeaderTorn ? line : undefined;
  }
}

/** A line behind missing ones can't be checked. */
function follows(before: ChainPoint | undefined, line: JournalLine): boolean {
  if (before === undefined || line.number > before.number + 1) return true;
  return chainAfter(before.chain, line.number, line.json) === line.chain;
}

interface Piece {
  readonly lineNumber: number;
  readonly bytes: Uint8Array;
  readonly start: number;
  /** Behind its newline, if it has one. */
  readonly end: number;
  readonly isEnded: boolean;
  /** There were zeros before it, or before its newline. */
  readonly hadZeros: boolean;
}

/** Cuts the file at newlines, removes the zeros around each piece, and skips empty pieces. */
function* pieces(parts: Iterable<Uint8Array>): Generator<Piece> {
  let lineNumber = 1;
  let rest: Uint8Array = new Uint8Array(0);
  /** Offset of the first byte of `rest`, and whether zeros stand before that. */
  let offset = 0;
  let hadZeros = false;
  for (const part of parts) {
    const bytes = rest.length === 0 ? part : Buffer.concat([rest, part]);
    let from = 0;
    // The bytes before have no newline.
    for (let at = bytes.indexOf(NEWLINE, rest.length); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      const line = trimmed(bytes.subarray(from, at), { lineNumber, start: offset + from, isEnded: true, hadZeros });
      if (line !== undefined) yield line;
      lineNumber += 1;
      from = at + 1;
      hadZeros = false;
    }
    if (bytes.length - from > LINE_BYTES_MAX) {
      const line = trimmed(bytes.subarray(from), { lineNumber, start: offset + from, isEnded: false, hadZeros });
      if (line !== undefined) yield line;
      from = bytes.length;
    }
    const behind = behindZeros(bytes, from);
    hadZeros ||= behind > from;
    rest = bytes.subarray(behind);
    offset += behind;
  }
  const last = trimmed(rest, { lineNumber, start: offset, isEnded: false, hadZeros });
  if (last !== undefined) yield last;
}

const ZEROS = Buffer.alloc(4096);

function behindZeros(bytes: Uint8Array, start: number): number {
  let from = start;
  while (from + ZEROS.length <= bytes.length && ZEROS.compare(bytes, from, from + ZEROS.length) === 0)
    from += ZEROS.length;
  while (from < bytes.length && bytes[from] === 0) from += 1;
  return from;
}

/** @returns `undefined` for zeros only */
function trimmed(bytes: Uint8Array, around: Omit<Piece, 'bytes' | 'end'>): Piece | undefined {
  const from = behindZeros(bytes, 0);
  let to = bytes.length;
  while (to > from && bytes[to - 1] === 0) to -= 1;
  if (to === from) return undefined;
  const { start, isEnded } = around;
  const hadZeros = around.hadZeros || from > 0 || (isEnded && to < bytes.length);
  const end = start + (isEnded ? bytes.length + 1 : to);
  return { ...around, bytes: bytes.subarray(from, to), start: start + from, end, hadZeros };
}

/** A damaged newline joins two lines, and the second one may be whole. This finds it. */
function salvage({ bytes, lineNumber, isEnded, hadZeros }: Piece): {
  damage: ScanDamage;
  tail: JournalLine | undefined;
} {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let damaged = bytes.length;
  let tail: JournalLine | undefined;
  for (const start of lineStarts(text)) {
    tail = decodeLine(text.subarray(start));
    if (tail === undefined) continue;
    damaged = start;
    break;
  }
  const isTorn = hadZeros || (tail === undefined && !isEnded) || text.subarray(0, damaged).includes(0);
  return { damage: { type: 'damage', lineNumber, bytes: damaged, reason: isTorn ? 'torn' : 'crc' }, tail };
}

/** The last ones first. */
function lineStarts(bytes: Buffer): number[] {
  let starts: number[] = [];
  for (const { index } of bytes.toString('latin1').matchAll(LINE_START)) {
    if (index === 0) continue;
    starts.push(index);
    if (starts.length >= 2 * STARTS_MAX) starts = starts.slice(-STARTS_MAX);
  }
  return starts.reverse().slice(0, STARTS_MAX);
}
