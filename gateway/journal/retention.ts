import { after, LONG_AGO_MS, type MonoMs, type WallMs } from '../../protocol/clocks.ts';
import type { SegmentFile } from './segment-file.ts';
import type { JournalSettings } from './settings.ts';

interface RetentionInput {
  /** Closed segments, oldest first. */
  readonly closed: readonly SegmentFile[];
  /** Size of the segments that are not closed. */
  readonly openBytes: number;
  /** The oldest segment that holds a key. */
  readonly oldestHeld: number | undefined;
  readonly wallMs: WallMs;
  readonly monoMs: MonoMs;
}

/**
 * Deletion by age removes at most one segment in this time, so that a clock that is wrong for a
 * while can't empty the journal.
 */
export const AGE_DELETE_MS = 3_600_000;
/**
 * Limit of closed segments. After many crashes segments are small, but each costs time at every
 * start.
 */
const SEGMENTS_MAX = 2_000;

/**
 * Chooses the closed segment to delete: always the oldest. So the rest is a gap-free end of the
 * journal, and the chain proves it. A segment stays while it or an older one holds a key.
 */
export class Retention {
  readonly #settings: Pick<JournalSettings, 'retainMs' | 'retainBytes'>;
  #byAgeAfterMs = LONG_AGO_MS;

  constructor(settings: Pick<JournalSettings, 'retainMs' | 'retainBytes'>) {
    this.#settings = settings;
  }

  /** @returns the one segment to delete now */
  next(input: RetentionInput): SegmentFile | undefined {
    const { retainBytes, retainMs } = this.#settings;
    const { closed, openBytes, wallMs, monoMs } = input;
    const segment = oldestFree(input);
    if (segment === undefined) return undefined;
    const bytes = closed.reduce((sum, each) => sum + each.bytes, openBytes);
    if (bytes > retainBytes || closed.length > SEGMENTS_MAX) return segment;
    if (wallMs - segment.modifiedMs <= retainMs || monoMs < this.#byAgeAfterMs) return undefined;
    this.#byAgeAfterMs = after(monoMs, AGE_DELETE_MS);
    return segment;
  }
}

/** The oldest closed segment, unless it must stay. */
export function oldestFree(input: Pick<RetentionInput, 'closed' | 'oldestHeld'>): SegmentFile | undefined {
  const oldest = input.closed[0];
  if (oldest === undefined) return undefined;
  return input.oldestHeld === undefined || oldest.number < input.oldestHeld ? oldest : undefined;
}
