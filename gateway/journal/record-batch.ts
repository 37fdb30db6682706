import { chainAfter, encodeLine, LINE_OVERHEAD } from './journal-line.ts';
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
  const count = countFitting(pending, most);
  const lines: Uint8Array[] = [];
  let point = tail;
  for (const { json } of pending.slice(0, count)) {
    const number = point.number + 1;
    const chain = chainAfter(point.chain, number, json);
    const write = { before: lines.length, behind: count - lines.length - 1 };
    lines.push(encodeLine({ number, write, chain, json }));
    point = { number, chain };
  }
  return { bytes: Buffer.concat(lines), count, tail: point };
}

/**
 * Each line says how many lines its write has, so this count must be known before the first line is
 * made.
 */
function countFitting(pending: readonly PendingRecord[], most: number): number {
  let bytes = 0;
  let count = 0;
  for (const { json } of pending) {
    bytes += LINE_OVERHEAD + Buffer.byteLength(json);
    if (count > 0 && bytes > most) break;
    count += 1;
  }
  return count;
}
