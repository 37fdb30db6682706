import type { SegmentFile } from './segment-file.ts';
import type { JournalSettings } from './settings.ts';

export interface RetentionInput {
  /** Closed segments, oldest first. */
  readonly closed: readonly SegmentFile[];
  /** Size of the segments that are not closed. */
  readonly openBytes: number;
  /** The oldest segment that holds a key. */
  readonly oldestHeld: number | undefined;
  readonly wallMs: number;
}

export type Deletable = { readonly segment: SegmentFile; readonly because: 'size' | 'age' };

/**
 * The one segment that may go next, always the oldest: what remains is a gap-free end of the journal, so the chain proves it.
 * A segment is never deleted while it or an older one holds a key.
 */
export function nextDeletable(
  settings: Pick<JournalSettings, 'retainMs' | 'retainBytes'>,
  input: RetentionInput,
): Deletable | undefined {
  const segment = oldestFree(input);
  if (segment === undefined) return undefined;
  const bytes = input.closed.reduce((sum, each) => sum + each.bytes, input.openBytes);
  if (bytes > settings.retainBytes) return { segment, because: 'size' };
  return input.wallMs - segment.modifiedMs > settings.retainMs ? { segment, because: 'age' } : undefined;
}

/** The oldest closed segment, unless it must stay. */
export function oldestFree(input: Pick<RetentionInput, 'closed' | 'oldestHeld'>): SegmentFile | undefined {
  const oldest = input.closed[0];
  if (oldest === undefined) return undefined;
  return input.oldestHeld === undefined || oldest.number < input.oldestHeld ? oldest : undefined;
}
