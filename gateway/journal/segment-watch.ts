import type { FileIdentity, JournalFiles } from './journal-files.ts';
import { type SegmentFile, segmentPath } from './segment-file.ts';
import type { SegmentWriter } from './segment-writer.ts';

/**
 * Proves that the names of the segments a restart would need still lead to their files. When a
 * directory is deleted, moved or unmounted, no error says so: writing continues into a file that
 * nobody will find.
 */
export class SegmentWatch {
  readonly #files: JournalFiles;
  /** The file each name led to when it was first looked at, by path. */
  #known = new Map<string, FileIdentity | undefined>();

  constructor(files: JournalFiles) {
    this.#files = files;
  }

  /**
   * True if the name of the segment leads to the file that is being written, so that a restart will
   * find it.
   */
  proves(writer: SegmentWriter): boolean {
    const own = this.#files.identity(writer.file);
    return own !== undefined && isSame(own, this.#found(writer.path));
  }

  /**
   * @returns the directories in which a name leads to nothing or to another file: that of the
   * segment being written, or of a closed one that a restart needs. A path that can't be looked up
   * counts as gone.
   */
  gone(writer: SegmentWriter | undefined, needed: readonly SegmentFile[]): ReadonlySet<string> {
    const before = this.#known;
    this.#known = new Map();
    const gone = new Set<string>();
    if (writer !== undefined && !this.proves(writer)) gone.add(writer.directory);
    for (const segment of needed) {
      const path = segmentPath(segment);
      const found = this.#found(path);
      const known = before.has(path) ? before.get(path) : found;
      this.#known.set(path, known);
      if (known === undefined || !isSame(known, found)) gone.add(segment.directory);
    }
    return gone;
  }

  #found(path: string): FileIdentity | undefined {
    try {
      return this.#files.identity(path);
    } catch {
      return undefined;
    }
  }
}

function isSame(known: FileIdentity, found: FileIdentity | undefined): boolean {
  return found?.device === known.device && found.inode === known.inode;
}
