import type { FileIdentity, JournalFiles } from './journal-files.ts';
import type { SegmentWriter } from './segment-writer.ts';

/** A segment that a restart would need. */
export interface NeededSegment {
  readonly number: number;
  readonly directory: string;
  readonly path: string;
  /** As far as its records were called durable; `undefined`: to its end. */
  readonly bytes: number | undefined;
}

/** A file kept open under the name it had. */
export interface WatchedSegment extends NeededSegment {
  /** `undefined`: it was gone before it could be opened. */
  readonly file: number | undefined;
  readonly identity: FileIdentity | undefined;
}

/**
 * Proves that the names of the segments a restart would need still lead to their files, and keeps the files open. A directory that is
 * deleted, moved or unmounted takes the names away and says nothing: writing goes on well, into a file that nobody will find.
 */
export class SegmentWatch {
  readonly #files: JournalFiles;
  #watched = new Map<string, WatchedSegment>();

  constructor(files: JournalFiles) {
    this.#files = files;
  }

  /** From now on these segments and no others. */
  follow(needed: readonly NeededSegment[]): void {
    const before = this.#watched;
    this.#watched = new Map();
    for (const segment of needed) {
      const key = keyOf(segment);
      const known = before.get(key);
      this.#watched.set(key, known === undefined ? this.#open(segment) : { ...known, path: segment.path });
      before.delete(key);
    }
    for (const left of before.values()) this.letGo(left);
  }

  /** True if the name of the segment that is being written leads to its file: a restart will find what it has up to its offset. */
  proves({ number, directory, path, offset: bytes }: SegmentWriter): boolean {
    const segment = { number, directory, path, bytes: 0 };
    const key = keyOf(segment);
    const watched = this.#watched.get(key) ?? this.#open(segment);
    const isThere = this.#isThere(watched);
    this.#watched.set(key, isThere ? { ...watched, bytes } : watched);
    return isThere;
  }

  /**
   * Hands over the segments whose names lead to nothing or to another file, and all that are newer: only together do their records add up
   * to what is so now. The caller lets go of them.
   *
   * @returns undefined if every name is good; `segments` oldest first
   */
  takeGone(): { readonly directories: readonly string[]; readonly segments: readonly WatchedSegment[] } | undefined {
    const gone = [...this.#watched.values()].filter((each) => !this.#isThere(each));
    if (gone.length === 0) return undefined;
    const from = Math.min(...gone.map(({ number }) => number));
    const segments = [...this.#watched.values()].filter(({ number }) => number >= from);
    for (const each of segments) this.#watched.delete(keyOf(each));
    segments.sort((a, b) => a.number - b.number);
    return { directories: [...new Set(gone.map(({ directory }) => directory))], segments };
  }

  letGo({ file }: WatchedSegment): void {
    if (file === undefined) return;
    try {
      this.#files.close(file);
    } catch {
      // Opened to read: nothing can be lost by it.
    }
  }

  #open(segment: NeededSegment): WatchedSegment {
    const { number, directory, path, bytes } = segment;
    const base = { number, directory, path, bytes };
    try {
      const file = this.#files.openToRead(path);
      return { ...base, file, identity: this.#files.identity(file) };
    } catch {
      // Reported as gone by whoever asks next.
      return { ...base, file: undefined, identity: undefined };
    }
  }

  /** A path that can't be looked up counts as gone; a file that could only not be opened does not. */
  #isThere({ path, identity }: WatchedSegment): boolean {
    try {
      const found = this.#files.identity(path);
      if (identity === undefined) return found !== undefined;
      return found?.device === identity.device && found.inode === identity.inode;
    } catch {
      return false;
    }
  }
}

function keyOf({ directory, number }: NeededSegment): string {
  return `${directory}/${number}`;
}
