import { messageOf } from '../../protocol/errors.ts';
import type { JournalFiles } from './journal-files.ts';
import { type SegmentFile, segmentPath } from './segment-file.ts';

/**
 * Bytes to read in one step, from the end. Few, because a commit may have to wait for the current
 * step.
 */
const STEP_BYTES = 256 * 1024;
/** Prepared room ends at a multiple of this, and records seldom do. Bytes. */
const BLOCK_BYTES = 4096;

interface Trimmed {
  readonly segment: SegmentFile;
  /** The size that is left of it, bytes. */
  readonly bytes: number;
  /** What went wrong, for people. */
  readonly trouble?: string;
}

/** Removes the zeros that an earlier run left at the ends of closed segments, in small steps. */
export class SegmentTrimmer {
  readonly #files: JournalFiles;
  #waiting: SegmentFile[] = [];
  #current: { readonly segment: SegmentFile; readonly file: number; end: number } | undefined;

  constructor(files: JournalFiles) {
    this.#files = files;
  }

  add(segments: readonly SegmentFile[]): void {
    this.#waiting.push(...segments.filter(({ bytes }) => bytes > 0 && bytes % BLOCK_BYTES === 0));
  }

  /**
   * @param closed those that are still there
   * @returns `undefined` if there is nothing to do, `more` if the segment needs another step
   */
  step(closed: readonly SegmentFile[]): Trimmed | 'more' | undefined {
    const segment = this.#current?.segment ?? this.#next(closed);
    if (segment === undefined) return undefined;
    try {
      this.#current ??= { segment, file: this.#files.openWrite(segmentPath(segment)), end: segment.bytes };
      const current = this.#current;
      const start = Math.max(0, current.end - STEP_BYTES);
      const piece = new Uint8Array(current.end - start);
      if (this.#files.readAt(current.file, piece, start) !== piece.length) throw new Error('no progress reading');
      const used = usedOf(piece);
      current.end = start + used;
      if (used === 0 && start > 0) return 'more';
      if (current.end < segment.bytes) this.#files.truncate(current.file, current.end);
      this.#close();
      return { segment, bytes: current.end };
    } catch (error) {
      const also = this.#close();
      const trouble = `${segmentPath(segment)} keeps its unused room: ${[messageOf(error), ...also].join('; ')}`;
      return { segment, bytes: segment.bytes, trouble };
    }
  }

  /** Leaves the rest for the next start. */
  stop(): void {
    this.#waiting = [];
    this.#close();
  }

  #next(closed: readonly SegmentFile[]): SegmentFile | undefined {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (closed.includes(next)) return next;
    }
    return undefined;
  }

  /** @returns what went wrong */
  #close(): string[] {
    const current = this.#current;
    this.#current = undefined;
    try {
      if (current !== undefined) this.#files.close(current.file);
      return [];
    } catch (error) {
      return [messageOf(error)];
    }
  }
}

/** Bytes up to the last one that is not zero. */
function usedOf(piece: Uint8Array): number {
  let used = piece.length;
  while (used > 0 && piece[used - 1] === 0) used -= 1;
  return used;
}
