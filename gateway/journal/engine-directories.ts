import { messageOf } from '../../protocol/errors.ts';
import { type LockOwner, releaseDirectory, takeDirectory } from './directory-lock.ts';
import type { JournalFiles } from './journal-files.ts';
import { byAge, FAILED_SUFFIX, listSegments, type SegmentFile, segmentPath } from './segment-file.ts';
import type { SegmentWriter } from './segment-writer.ts';

/** The journal's directories and the closed segments in those that could be opened. */
export class EngineDirectories {
  #files: JournalFiles;
  #owner: LockOwner;
  #opened = new Set<string>();
  #closed: SegmentFile[] = [];
  #highest = 0;

  constructor(files: JournalFiles, owner: LockOwner) {
    this.#files = files;
    this.#owner = owner;
  }

  /** Closed segments, oldest first. */
  get closed(): readonly SegmentFile[] {
    return this.#closed;
  }

  /**
   * Makes, locks and lists a directory; nothing to do if that has been done. Throws with words for a person.
   *
   * @returns the segments newly found
   */
  open(directory: string): readonly SegmentFile[] {
    if (this.#opened.has(directory)) return [];
    this.#files.makeDirectory(directory);
    const holder = takeDirectory(this.#files, directory, this.#owner);
    if (holder !== undefined) throw new Error(`${directory} is in use by another gateway (${holder})`);
    const found = listSegments(this.#files, directory);
    this.#opened.add(directory);
    this.#closed = [...this.#closed, ...found].sort(byAge);
    this.#highest = Math.max(this.#highest, ...found.map(({ number }) => number));
    return found;
  }

  nextNumber(): number {
    this.#highest += 1;
    return this.#highest;
  }

  addClosed(writer: SegmentWriter, wallMs: number, suffix = ''): void {
    const { number, directory, bytes } = writer;
    this.#closed.push({ number, directory, name: `${writer.name}${suffix}`, bytes, modifiedMs: wallMs });
    this.#closed.sort(byAge);
  }

  /**
   * Takes a segment out of use that could not be written: marked on the disk too, or deleted if nothing durable is in it.
   *
   * @returns what else went wrong meanwhile
   */
  fail(writer: SegmentWriter, wallMs: number): string | undefined {
    const closing = attempt(() => writer.close());
    if (writer.offset === 0) return attempt(() => this.#files.unlink(writer.path)) ?? closing;
    const marking = attempt(() => this.#files.rename(writer.path, `${writer.path}${FAILED_SUFFIX}`));
    this.addClosed(writer, wallMs, marking === undefined ? FAILED_SUFFIX : '');
    return marking ?? closing;
  }

  /** Best effort; the segment is forgotten in any case, and found again at the next start. */
  remove(segment: SegmentFile): string | undefined {
    this.#closed = this.#closed.filter((each) => each !== segment);
    return attempt(() => this.#files.unlink(segmentPath(segment)));
  }

  release(): string[] {
    const troubles: string[] = [];
    for (const directory of this.#opened) {
      const trouble = attempt(() => releaseDirectory(this.#files, directory, this.#owner));
      if (trouble !== undefined) troubles.push(trouble);
    }
    this.#opened.clear();
    return troubles;
  }
}

/** Does what may fail. @returns what went wrong, for a person */
export function attempt(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
