import { chainAfter, LINE_OVERHEAD, writeLine } from './journal-line.ts';
import type { ChainPoint } from './segment-header.ts';

/**
 * A record on its way to the disk. `number` is the caller's own, reported back once it is durable.
 */
export interface PendingRecord {
  readonly number: number;
  readonly json: string;
  readonly holds?: string;
  readonly releases?: string;
}

/**
 * The caller's numbers begin at 1. A record with this number is the journal's own, and is not
 * reported back.
 */
export const OWN = 0;

/** Lines for one write. */
interface RecordBatch {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Where the chain stands after the batch. */
  readonly tail: ChainPoint;
}

/**
 * Encodes as many of the pending records as fit, at least one.
 *
 * @param most bytes to fit into
 */
export function encodeBatch(pending: readonly PendingRecord[], tail: ChainPoint, most: number): RecordBatch {
  const { count, room } = fitting(pending, most);
  const bytes = Buffer.allocUnsafe(room);
  let end = 0;
  let point = tail;
  for (let index = 0; index < count; index += 1) {
    const json = pending[index]?.json ?? '';
    const number = point.number + 1;
    const chain = chainAfter(point.chain, number, json);
    end = writeLine(bytes, end, { number, write: { before: index, behind: count - index - 1 }, chain, json });
    point = { number, chain };
  }
  return { bytes: bytes.subarray(0, end), count, tail: point };
}

/**
 * Each line says how many lines its write has, so this count must be known before the first line is
 * made.
 *
 * @returns how many records fit, and the room their lines need at most
 */
function fitting(pending: readonly PendingRecord[], most: number): { readonly count: number; readonly room: number } {
  let room = 0;
  let count = 0;
  for (const { json } of pending) {
    const bytes = LINE_OVERHEAD + Buffer.byteLength(json);
    if (count > 0 && room + bytes > most) break;
    room += bytes;
    count += 1;
  }
  return { count, room };
}
