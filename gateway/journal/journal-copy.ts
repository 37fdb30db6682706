import type { WallMs } from '../../protocol/clocks.ts';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import { errorCode } from '../system/error-code.ts';
import { nodeJournalFiles } from './journal-files.ts';
import { findSegments } from './read-journal.ts';
import { recover } from './recovery.ts';
import { FAILED_SUFFIX, type SegmentFile, segmentPath } from './segment-file.ts';
import { scanSegment } from './segment-scan.ts';
import { segmentWrites } from './segment-writes.ts';

/** One segment as it is copied. */
interface SegmentCopy {
  /** Index of its directory. */
  readonly directory: number;
  readonly name: string;
  readonly modifiedMs: WallMs;
  readonly content: Buffer;
}

/**
 * A consistent copy of a journal, also of one that a gateway writes meanwhile: the chain up to some
 * record. A segment ends with a whole write, so `verify` finds no torn line. Oldest first. Takes no
 * lock, and changes nothing.
 *
 * @throws CallpointError JOURNAL_UNREADABLE
 */
export function* copySegments(directories: readonly string[]): Generator<SegmentCopy> {
  const files = nodeJournalFiles();
  const segments = findSegments(files, directories);
  const newest = segments.at(-1)?.number ?? 0;
  let isFirst = true;
  for (const segment of segments) {
    const found = contentOf(segment);
    // Retention deletes the oldest. Without one in the middle the chain would be broken.
    if (found === undefined && isFirst) continue;
    if (found === undefined) throw new CallpointError('JOURNAL_UNREADABLE', `${segmentPath(segment)} is gone`);
    const { name, bytes } = found;
    // Only the last ones can be written now: the newest, and one that is prepared to follow it.
    const end = segment.number >= newest - 1 ? wholeEnd(bytes) : usedEnd(bytes);
    if (end === 0) continue;
    isFirst = false;
    const { modifiedMs } = segment;
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, end);
    yield { directory: directories.indexOf(segment.directory), name, modifiedMs, content };
  }
}

/** `undefined`: it was deleted meanwhile. */
function contentOf(segment: SegmentFile): { readonly name: string; readonly bytes: Uint8Array } | undefined {
  // The journal may have given it up meanwhile.
  for (const name of new Set([segment.name, `${segment.name.replace(FAILED_SUFFIX, '')}${FAILED_SUFFIX}`])) {
    try {
      return { name, bytes: nodeJournalFiles().read(segmentPath({ ...segment, name })) };
    } catch (cause) {
      if (errorCode(cause) !== 'ENOENT') throw new CallpointError('JOURNAL_UNREADABLE', messageOf(cause), { cause });
    }
  }
  return undefined;
}

/** Records that add up to the same as a journal, as JSON lines of entries. */
export function journalSum(directories: readonly string[]): Buffer {
  const files = nodeJournalFiles();
  const { texts, unread } = recover(files, findSegments(files, directories));
  if (unread.length > 0) throw new CallpointError('JOURNAL_UNREADABLE', unread.join('; '));
  return Buffer.concat(texts);
}

/**
 * Without the last write if it is unfinished: it is being written, or a crash cut it off. What was
 * changed later stays, so that `verify` finds it in the copy, too.
 */
function wholeEnd(bytes: Uint8Array): number {
  let end = 0;
  let isLastWhole = true;
  for (const item of segmentWrites(scanSegment([bytes]))) {
    if (item.type === 'header') end = item.end;
    else {
      const { isWhole, damages, end: writeEnd } = item.write;
      isLastWhole = isWhole || damages.some(({ reason }) => reason !== 'torn');
      if (isWhole) end = writeEnd;
    }
  }
  return isLastWhole ? usedEnd(bytes) : end;
}

/** Without the unused room at the end, which is zeros. */
function usedEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}
