import { join } from 'node:path';
import type { WallMs } from '../../protocol/clocks.ts';
import type { JournalFiles } from './journal-files.ts';

/** A segment on the disk. */
export interface SegmentFile {
  readonly number: number;
  readonly directory: string;
  readonly name: string;
  readonly bytes: number;
  readonly modifiedMs: WallMs;
}

/**
 * A `.failed` segment was durable up to the write that failed. It is read like any other, and never
 * written again.
 */
export const FAILED_SUFFIX = '.failed';

const NAME = /^journal-(\d{6,9})\.cpj(?:\.failed)?$/;

export function segmentName(number: number): string {
  return `journal-${String(number).padStart(6, '0')}.cpj`;
}

/** Segments of a directory, oldest first. Throws if it can't be listed. */
export function listSegments(files: JournalFiles, directory: string): SegmentFile[] {
  const segments: SegmentFile[] = [];
  for (const name of files.list(directory)) {
    const digits = NAME.exec(name)?.[1];
    if (digits === undefined) continue;
    const { size, modifiedMs } = files.stat(join(directory, name));
    segments.push({ number: Number(digits), directory, name, bytes: size, modifiedMs });
  }
  return segments.sort(byAge);
}

/**
 * Two files have the same number only if a directory was missing for a while. Then the time of the
 * last write decides their order.
 */
export function byAge(a: SegmentFile, b: SegmentFile): number {
  return a.number - b.number || a.modifiedMs - b.modifiedMs;
}

export function segmentPath(segment: SegmentFile): string {
  return join(segment.directory, segment.name);
}
