import type { SegmentFile } from './segment-file.ts';
import { type ChainPoint, hasSeen, type SegmentHeader } from './segment-header.ts';
import { scanSegment } from './segment-scan.ts';
import type { SegmentSource } from './segment-source.ts';
import { type SegmentWrite, segmentWrites, type WriteItem } from './segment-writes.ts';

/**
 * The fate of a write.
 *
 * `kept`: it counts, with whatever is damaged in it. `unfinished`: the last write of a segment, and
 * not whole. A crash cut it off, and nobody was told that it is durable. `superseded`: the last
 * write of a segment, but the next segment continues from before it. The disk had reported an error
 * for it.
 */
type Fate = 'kept' | 'unfinished' | 'superseded';

export interface WrittenItem {
  readonly type: 'write';
  readonly source: SegmentSource;
  readonly write: SegmentWrite;
  /** Where the chain stood before it, as far as the scan can know. */
  readonly before: ChainPoint | undefined;
  readonly fate: Fate;
  /** A later item says where the chain continues. */
  readonly isFollowed: boolean;
}

export interface HeaderItem {
  readonly type: 'header';
  readonly source: SegmentSource;
  readonly header: SegmentHeader;
  readonly end: number;
}

export type JournalItem =
  | HeaderItem
  | WrittenItem
  /**
   * The segment has no more writes. Its last one may still follow, because the next segment decides
   * its fate.
   */
  | { readonly type: 'end'; readonly source: SegmentSource; readonly isEmpty: boolean };

/**
 * Yields the writes of segments, oldest first. Never throws for a segment that can't be read:
 * `source.error` says why.
 */
export function* scanJournal(sources: Iterable<SegmentSource>): Generator<JournalItem> {
  /** The last write of a segment, and of the segments after it that begin with nothing readable. */
  let waiting: Unjudged[] = [];
  let before: ChainPoint | undefined;
  for (const source of sources) {
    let isEmpty = true;
    for (const item of segmentWrites(scanSegment(source.pieces()))) {
      isEmpty = false;
      const next = waiting.at(-1)?.source === source ? SAME_SEGMENT : beginningOf(item, source);
      if (next !== undefined) {
        before = yield* judged(waiting, next, before);
        waiting = [];
      }
      if (item.type === 'header') {
        before = item.header.after;
        yield { ...item, source };
        continue;
      }
      waiting.push({ type: 'write', source, write: item.write, before });
      before = item.write.records.at(-1)?.line ?? before;
    }
    yield { type: 'end', source, isEmpty };
  }
  yield* judged(waiting, undefined, before);
}

const SAME_SEGMENT = 'same segment';
type Unjudged = Omit<WrittenItem, 'fate' | 'isFollowed'>;
interface Beginning extends Partial<ChainPoint> {
  /** False if the segment's run did not know the other one. */
  readonly knows?: (segment: SegmentFile) => boolean;
}
type Next = Beginning | typeof SAME_SEGMENT | undefined;

/** @returns where the chain stands after the writes that count */
function* judged(
  items: readonly Unjudged[],
  next: Next,
  last: ChainPoint | undefined,
): Generator<WrittenItem, ChainPoint | undefined> {
  if (items.length === 0) return last;
  let before = items[0]?.before;
  for (const each of items) {
    const item = { ...each, before };
    const fate = next === SAME_SEGMENT ? 'kept' : fateOf(item, next);
    yield { ...item, fate, isFollowed: next !== undefined };
    if (fate === 'kept') before = item.write.records.at(-1)?.line ?? before;
  }
  return before;
}

/** Where a segment continues from, by its first item. */
function beginningOf(item: WriteItem, { segment: { directory } }: SegmentSource): Beginning | undefined {
  if (item.type === 'header') {
    const { after, seen } = item.header;
    return { ...after, knows: (segment) => hasSeen(seen, directory, segment) };
  }
  return item.write.records.length === 0 ? undefined : { number: firstNumber(item.write) - 1 };
}

function fateOf({ write, before, source }: Unjudged, next: Beginning | undefined): Fate {
  const isKnown = next?.knows?.(source.segment) ?? true;
  if (next === undefined || !isKnown) return write.isWhole || source.error !== undefined ? 'kept' : 'unfinished';
  // Of the oldest segment only a torn header is left: the next one says where the chain stood.
  if (before === undefined && isTornHeader(write)) return 'unfinished';
  const from = before?.number ?? firstNumber(write) - 1;
  const isBefore =
    next.number === from && (next.chain === undefined || before === undefined || next.chain === before.chain);
  if (!isBefore) return 'kept';
  return write.isWhole ? 'superseded' : 'unfinished';
}

function isTornHeader({ records, damages }: SegmentWrite): boolean {
  return records.length === 0 && damages.every(({ lineNumber, reason }) => lineNumber === 1 && reason === 'torn');
}

/** Counts the lines that the write had, not only those that are left. */
function firstNumber({ records }: SegmentWrite): number {
  const line = records[0]?.line;
  return line === undefined ? 0 : line.number - (line.write?.before ?? 0);
}
