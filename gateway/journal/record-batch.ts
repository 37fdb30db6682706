import { chainAfter, encodeLine } from './journal-line.ts';
import type { ChainPoint } from './segment-header.ts';

/** A record on its way to the disk. `number` is the caller's own, told back once it is durable. */
export interface PendingRecord {
  readonly number: number;
  readonly json: string;
  readonly holds?: string;
  readonly releases?: string;
}

/** Lines for one write. */
export interface RecordBatch {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Where the chain stands after the batch. */
  readonly tail: ChainPoint;
}

/**
 * As many of the pending records as fit, at least one.
 *
 * @param most bytes to fit into
 */
export function encodeBatch(pending: readonly PendingRecord[], tail: ChainPoint, most: number): RecordBatch {
  const lines: Uint8Array[] = [];
  let bytes = 0;
  let point = tail;
  for (const record of pending) {
    const number = point.number + 1;
    const chain = chainAfter(point.chain, number, record.json);
    const line = encodeLine({ number, chain, json: record.json });
    if (lines.length > 0 && bytes + line.length > most) break;
    lines.push(line);
    bytes += line.length;
    point = { number, chain };
  }
  return { bytes: Buffer.concat(lines, bytes), count: lines.length, tail: point };
}
