import { chainAfter, decodeLine, type JournalLine, NEWLINE } from './journal-line.ts';
import { type ChainPoint, decodeHeader, type SegmentHeader } from './segment-header.ts';

export type ScanItem =
  | { readonly type: 'header'; readonly header: SegmentHeader }
  | { readonly type: 'record'; readonly lineNumber: number; readonly line: JournalLine }
  | ScanDamage;

export interface ScanDamage {
  readonly type: 'damage';
  /** Line of the file, from 1. */
  readonly lineNumber: number;
  /** Bytes that belong to no record. */
  readonly bytes: number;
  /**
   * `torn`: a write that did not reach the medium whole (no end of line, or zeros inside). `crc`: changed since it was written.
   * `chain`: its CRC fits but it does not follow from the record before it, so it was put there by somebody else.
   */
  readonly reason: 'torn' | 'crc' | 'chain';
}

const LINE_START = /[0-9a-f]{8} \d{1,15} [0-9a-f]{32} \{/g;

/**
 * Everything in a segment, in order, up to the end of the file: what follows a damaged line is still good, and a write of several
 * sectors may lack one in the middle after a power cut. Zeros are room not yet used.
 */
export function* scanSegment(bytes: Uint8Array): Generator<ScanItem> {
  let before: ChainPoint | undefined;
  for (const piece of pieces(bytes)) {
    const line = decodeLine(piece.bytes);
    if (line === undefined) {
      before = undefined;
      const { damage, tail } = salvage(piece);
      yield damage;
      if (tail === undefined) continue;
      yield { type: 'record', lineNumber: piece.lineNumber, line: tail };
      before = tail;
      continue;
    }
    const header = piece.lineNumber === 1 ? decodeHeader(line) : undefined;
    if (header !== undefined) {
      before = header.after;
      yield { type: 'header', header };
      continue;
    }
    const isRecord = piece.lineNumber > 1 && follows(before, line);
    yield isRecord
      ? { type: 'record', lineNumber: piece.lineNumber, line }
      : { type: 'damage', lineNumber: piece.lineNumber, bytes: piece.bytes.length, reason: 'chain' };
    before = piece.lineNumber > 1 ? line : undefined;
  }
}

function follows(before: ChainPoint | undefined, line: JournalLine): boolean {
  return before === undefined || chainAfter(before.chain, line.number, line.json) === line.chain;
}

interface Piece {
  readonly lineNumber: number;
  readonly bytes: Uint8Array;
  readonly ended: boolean;
}

/** The file cut at newlines, zeros around each piece taken off, empty pieces left out. */
function* pieces(bytes: Uint8Array): Generator<Piece> {
  let lineNumber = 0;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    lineNumber += 1;
    let from = start;
    let to = end;
    while (from < to && bytes[from] === 0) from += 1;
    while (to > from && bytes[to - 1] === 0) to -= 1;
    if (to > from) yield { lineNumber, bytes: bytes.subarray(from, to), ended: newline >= 0 };
    start = end + 1;
  }
}

/** A damaged newline joins two lines, and the second one may be whole: look for it. */
function salvage(piece: Piece): { damage: ScanDamage; tail: JournalLine | undefined } {
  const torn = !piece.ended || piece.bytes.includes(0);
  const text = Buffer.from(piece.bytes.buffer, piece.bytes.byteOffset, piece.bytes.byteLength).toString('latin1');
  let tail: JournalLine | undefined;
  let damaged = piece.bytes.length;
  LINE_START.lastIndex = 1;
  for (let found = LINE_START.exec(text); found !== null; found = LINE_START.exec(text)) {
    tail = decodeLine(piece.bytes.subarray(found.index));
    if (tail !== undefined) {
      damaged = found.index;
      break;
    }
    LINE_START.lastIndex = found.index + 1;
  }
  const reason = torn && tail === undefined ? 'torn' : 'crc';
  return { damage: { type: 'damage', lineNumber: piece.lineNumber, bytes: damaged, reason }, tail };
}
