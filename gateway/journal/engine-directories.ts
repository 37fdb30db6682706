import { dirname } from 'node:path';
import type { WallMs } from '../../protocol/clocks.ts';
import { messageOf } from '../../protocol/errors.ts';
import { type LockOwner, releaseDirectory, takeDirectory } from './directory-lock.ts';
import type { JournalFiles } from './journal-files.ts';
import { byAge, FAILED_SUFFIX, listSegments, type SegmentFile, segmentPath } from './segment-file.ts';
import type { Seen } from './segment-header.ts';
import type { SegmentWriter } from './segment-writer.ts';

/** The journal's directories and the closed segments in those that could be opened. */
export class EngineDirectories {
  #files: JournalFiles;
  #owner: LockOwner;
  #opened = new Set<string>();
  /** Directories whose segments are known. */
  #listed = new Set<string>();
  /**
   * Segments that this run has read or made, by path without a suffix and by inode. A disk that is
   * mounted late has other segments under the same names. The device is no help: the same disk gets
   * another one when it is plugged in again.
   */
  #known = new Set<string>();
  #unread = new Map<SegmentFile, string>();
  /** The device each directory was on. */
  #devices = new Map<string, bigint>();
  /** Directories that had to be made anew on another device, because their own is not mounted. */
  #displaced = new Set<string>();
  #closed: SegmentFile[] = [];
  /** Old segments that could not be deleted. They are tried again. */
  #undeleted: SegmentFile[] = [];
  #seen = new Map<string, number>();
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
   * Makes, locks and lists a directory. Does nothing if that has been done. It also lists a
   * directory that can't be written, because that may be readable. Throws with a message for
   * people.
   *
   * @param anywhere also on another device than it was on
   */
  open(directory: string, anywhere = true): void {
    if (this.#opened.has(directory)) return;
    const isAway = this.#isAway(directory);
    if (isAway && !anywhere) throw new Error(`${directory} is not there: its disk is not mounted`);
    this.#files.makeDirectory(directory);
    const holder = this.#take(directory);
    if (holder !== undefined) throw new Error(`${directory} is in use by another gateway (${holder})`);
    this.#list(directory);
    this.#opened.add(directory);
    if (isAway) this.#displaced.add(directory);
    else this.#settle(directory);
  }

  /**
   * As `open`, for each.
   *
   * @returns why some could not be opened, and why some of these could not even be read
   */
  openAll(directories: readonly string[]): {
    readonly troubles: readonly string[];
    readonly unread: readonly string[];
  } {
    const troubles: string[] = [];
    const unread: string[] = [];
    for (const directory of directories) {
      const trouble = attempt(() => this.open(directory));
      if (trouble === undefined) continue;
      troubles.push(trouble);
      if (!this.#listed.has(directory)) unread.push(trouble);
    }
    return { troubles, unread };
  }

  /** Segments found that this run has neither read nor written. Each is returned once. */
  takeUnread(): readonly SegmentFile[] {
    const unread = this.#closed.filter((segment) => this.#unread.has(segment));
    for (const segment of unread) this.#known.add(this.#unread.get(segment) ?? '');
    this.#unread.clear();
    return unread;
  }

  /**
   * Call this when segments have been read and those without records are removed: their numbers may
   * come again.
   */
  sawClosed(): void {
    for (const { directory, number } of this.#closed) this.#see(directory, number);
  }

  /** The segment's header is written. */
  begun({ directory, number }: SegmentWriter): void {
    this.#see(directory, number);
  }

  /** What this run has read or written. */
  get seen(): Seen {
    return Object.fromEntries(this.#seen);
  }

  /** True if nobody knows what the directory holds. */
  isUnseen(directory: string): boolean {
    return !this.#seen.has(directory);
  }

  /** True if this run may write there. */
  isOpen(directory: string): boolean {
    return this.#opened.has(directory);
  }

  /** True if the directory is on another device than before, because its own is not mounted. */
  isDisplaced(directory: string): boolean {
    return this.#displaced.has(directory);
  }

  /** True if a directory that this run has opened is not there any more, or its disk is not. */
  isGone(directory: string): boolean {
    if (!this.#opened.has(directory)) return false;
    let device: bigint | undefined;
    // What can't be looked at is gone.
    attempt(() => {
      device = this.#files.identity(directory)?.device;
    });
    return device === undefined || (!this.isDisplaced(directory) && device !== this.#devices.get(directory));
  }

  /** The directory was deleted, moved or unmounted. */
  lose(directory: string): void {
    this.#opened.delete(directory);
    this.#closed = this.#closed.filter((segment) => segment.directory !== directory);
    this.#undeleted = this.#undeleted.filter((segment) => segment.directory !== directory);
  }

  /**
   * All directories in turn, from this one on. Directories that were lost come last: they are made
   * anew only if there is no other.
   */
  inTurn(all: readonly string[], wasIn: string): readonly string[] {
    const from = Math.max(0, all.indexOf(wasIn));
    const turn = [...all.slice(from), ...all.slice(0, from)];
    const isLost = (directory: string): boolean => !this.#opened.has(directory) && this.#devices.has(directory);
    return [...turn.filter((each) => !isLost(each)), ...turn.filter(isLost)];
  }

  /**
   * Throws if the directory can't be written, but lists its segments even then.
   *
   * @returns who else has it
   */
  #take(directory: string): string | undefined {
    try {
      return takeDirectory(this.#files, directory, this.#owner);
    } catch (error) {
      const unlisted = attempt(() => this.#list(directory));
      throw unlisted === undefined ? error : new Error(`${messageOf(error)}; ${unlisted}`);
    }
  }

  #list(directory: string): void {
    const listed = listSegments(this.#files, directory);
    this.#listed.add(directory);
    const others = this.#closed.filter((segment) => segment.directory !== directory);
    this.#undeleted = this.#undeleted.filter((segment) => segment.directory !== directory);
    this.#closed = [...others, ...listed].sort(byAge);
    this.#highest = Math.max(this.#highest, ...listed.map(({ number }) => number));
    this.#see(directory, 0);
    for (const segment of listed) {
      const key = this.#keyOf(stemOf(segment), segmentPath(segment));
      if (!this.#known.has(key)) this.#unread.set(segment, key);
    }
  }

  #see(directory: string, number: number): void {
    this.#seen.set(directory, Math.max(this.#seen.get(directory) ?? 0, number));
  }

  #keyOf(stem: string, of: string | number): string {
    return `${this.#files.identity(of)?.inode} ${stem}`;
  }

  /** True if the directory is empty and on another device than before: the bare mount point. */
  #isAway(directory: string): boolean {
    const before = this.#devices.get(directory);
    if (before === undefined || before === this.#deviceOf(directory)) return false;
    return this.#files.identity(directory) === undefined || listSegments(this.#files, directory).length === 0;
  }

  #settle(directory: string): void {
    this.#displaced.delete(directory);
    const device = this.#deviceOf(directory);
    if (device !== undefined) this.#devices.set(directory, device);
  }

  /** The device of the directory, or of the nearest one above it that exists. */
  #deviceOf(directory: string): bigint | undefined {
    const found = this.#files.identity(directory);
    const above = dirname(directory);
    return found !== undefined || above === directory ? found?.device : this.#deviceOf(above);
  }

  /** The journal writes the segment again, so it is no longer a closed one. */
  reopen(segment: SegmentFile): void {
    this.#closed = this.#closed.filter((each) => each !== segment);
  }

  /** The segment has been made smaller. */
  trimmed(segment: SegmentFile, bytes: number): void {
    this.#closed = this.#closed.map((each) => (each === segment ? { ...segment, bytes } : each));
  }

  /** The number of the next segment to be made. */
  nextNumber(): number {
    this.#highest += 1;
    return this.#highest;
  }

  /** Notes that the segment is this run's own. Throws. */
  made({ path, file }: SegmentWriter): void {
    this.#known.add(this.#keyOf(path, file));
  }

  addClosed(writer: SegmentWriter, wallMs: WallMs, suffix = ''): void {
    const { number, directory, bytes } = writer;
    this.#closed.push({ number, directory, name: `${writer.name}${suffix}`, bytes, modifiedMs: wallMs });
    this.#closed.sort(byAge);
  }

  /**
   * Takes a segment out of use that could not be written. Marks it on the disk, too, or deletes it
   * if it holds nothing durable.
   *
   * @returns what else went wrong
   */
  fail(writer: SegmentWriter, wallMs: WallMs): string | undefined {
    const closing = attempt(() => writer.close());
    if (writer.offset === 0) return attempt(() => this.#files.unlink(writer.path)) ?? closing;
    const marking = attempt(() => this.#files.rename(writer.path, `${writer.path}${FAILED_SUFFIX}`));
    this.addClosed(writer, wallMs, marking === undefined ? FAILED_SUFFIX : '');
    return marking ?? closing;
  }

  /**
   * The segment is no longer a closed one, even if it can't be deleted: newer ones must neither
   * wait for it nor make room for it. `removeAgain` tries once more.
   *
   * @returns what went wrong
   */
  remove(segment: SegmentFile): string | undefined {
    this.#closed = this.#closed.filter((each) => each !== segment);
    const trouble = attempt(() => this.#unlink(segment));
    if (trouble !== undefined && this.#isThere(segment)) this.#undeleted.push(segment);
    return trouble;
  }

  /** Throws. */
  #unlink(segment: SegmentFile): void {
    const path = segmentPath(segment);
    if (this.#isOther(segment)) throw new Error(`${path} is not deleted: another disk is mounted there`);
    this.#files.unlink(path);
  }

  /** True if the name leads to a file that this run has neither read nor made. */
  #isOther(segment: SegmentFile): boolean {
    const path = segmentPath(segment);
    if (this.#files.identity(path) === undefined) return false;
    if (!this.#known.has(this.#keyOf(stemOf(segment), path))) return true;
    // Two disks may use one inode for one name.
    const device = this.isDisplaced(segment.directory) ? undefined : this.#devices.get(segment.directory);
    return device !== undefined && this.#deviceOf(segment.directory) !== device;
  }

  get hasUndeleted(): boolean {
    return this.#undeleted.length > 0;
  }

  /** Tries again to delete what could not be deleted. */
  removeAgain(): void {
    this.#undeleted = this.#undeleted.filter((segment) => {
      const trouble = attempt(() => this.#unlink(segment));
      return trouble !== undefined && this.#isThere(segment);
    });
  }

  #isThere(segment: SegmentFile): boolean {
    let isThere = true;
    // A file that can't be looked at may exist.
    attempt(() => {
      isThere = this.#files.identity(segmentPath(segment)) !== undefined;
    });
    return isThere;
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

function stemOf(segment: SegmentFile): string {
  const path = segmentPath(segment);
  return path.endsWith(FAILED_SUFFIX) ? path.slice(0, -FAILED_SUFFIX.length) : path;
}

/**
 * Runs an action that may fail.
 *
 * @returns what went wrong, for people
 */
export function attempt(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
