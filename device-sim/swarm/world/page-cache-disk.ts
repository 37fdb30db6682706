import { dirname } from 'node:path';
import type { FileIdentity, JournalFiles } from '../../../gateway/journal/journal-files.ts';
import type { WallMs } from '../../../protocol/clocks.ts';
import { type Random, randomBelow } from '../../random.ts';
import { CachedFile } from './cached-file.ts';

type DiskMood = 'well' | 'full' | 'failing';

/** `dying`: it ends within the next write. */
type ProcessState = 'alive' | 'dying' | 'ended';

interface NameChange {
  readonly directory: string;
  readonly undo: () => void;
}

interface Opened {
  readonly file: CachedFile;
  readAt: number;
}

/**
 * A disk behind a page cache. What the kernel shows and what the medium has differ: a power cut
 * leaves what was synced and a torn part of the rest. After a failed sync the kernel calls the
 * pages clean, although the medium does not have them (P. Rebello et al., "Can Applications Recover
 * from fsync Failures?", USENIX ATC 2020).
 */
export class PageCacheDisk implements JournalFiles {
  process: ProcessState = 'alive';
  /** Directory of the last file that was written. */
  writtenTo = '';
  wallMs = 0 as WallMs;
  readonly #random: Random;
  readonly #names = new Map<string, CachedFile>();
  readonly #directories = new Set<string>();
  /** Each directory is on a medium of its own. */
  readonly #moods = new Map<string, DiskMood>();
  /** Names that were changed and not synced, oldest first. */
  readonly #changes: NameChange[] = [];
  readonly #open = new Map<number, Opened>();
  #handle = 3;
  #inode = 1n;

  constructor(random: Random) {
    this.#random = random;
  }

  setMood(directory: string, mood: DiskMood): void {
    this.#moods.set(directory, mood);
  }

  /** The process has ended; its files are closed. */
  processEnded(): void {
    this.process = 'alive';
    this.#open.clear();
  }

  /** The names that no sync has made durable go back from some moment on, and so do torn bytes. */
  powerCut(): void {
    const kept = randomBelow(this.#random, this.#changes.length + 1);
    for (const { undo } of this.#changes.splice(kept).reverse()) undo();
    this.#changes.length = 0;
    for (const file of this.#names.values()) file.powerCut(this.#random);
    this.processEnded();
  }

  makeDirectory(path: string): void {
    this.#check();
    this.#directories.add(path);
  }

  list(directory: string): string[] {
    this.#check();
    const under = `${directory}/`;
    return [...this.#names.keys()].flatMap((path) => (path.startsWith(under) ? [path.slice(under.length)] : []));
  }

  stat(path: string): { size: number; modifiedMs: WallMs } {
    const file = this.#get(path);
    return { size: file.size, modifiedMs: file.modifiedMs };
  }

  read(path: string): Uint8Array {
    return Uint8Array.from(this.#get(path).bytes());
  }

  openRead(path: string): number {
    return this.#opened(this.#get(path));
  }

  openWrite(path: string): number {
    return this.#opened(this.#get(path));
  }

  readAt(handle: number, bytes: Uint8Array, position?: number): number {
    this.#check();
    const opened = this.#of(handle);
    const from = position ?? opened.readAt;
    const read = opened.file.bytes().subarray(from, from + bytes.length);
    bytes.set(read);
    if (position === undefined) opened.readAt = from + read.length;
    return read.length;
  }

  create(path: string): number {
    this.#check();
    if (this.#names.has(path)) throw fault('EEXIST', path);
    const directory = dirname(path);
    if (this.#moods.get(directory) === 'full') throw fault('ENOSPC', path);
    this.#inode += 1n;
    const file = new CachedFile(this.#inode, directory);
    this.#names.set(path, file);
    this.#changed(path, () => this.#names.delete(path));
    return this.#opened(file);
  }

  write(handle: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    this.#check();
    const { file } = this.#of(handle);
    const piece = bytes.subarray(offset, offset + length);
    file.modifiedMs = this.wallMs;
    if (this.process === 'dying') {
      file.writeUnsynced(piece.subarray(0, randomBelow(this.#random, length + 1)), position);
      this.process = 'ended';
      throw fault('EIO', 'the process has ended');
    }
    const mood = this.#moods.get(file.directory);
    // What lies in room that the file has already still fits on a full disk.
    if (mood === 'full' && position + length > file.size) throw fault('ENOSPC', 'write');
    if (mood === 'failing') {
      file.writeUnsynced(piece, position);
      throw fault('EIO', 'write');
    }
    // A short write now and then.
    const taken =
      length > 1 && randomBelow(this.#random, 64) === 0 ? 1 + randomBelow(this.#random, length - 1) : length;
    file.write(piece.subarray(0, taken), position);
    this.writtenTo = file.directory;
    return taken;
  }

  truncate(handle: number, size: number): void {
    this.#check();
    this.#of(handle).file.truncate(size);
  }

  close(handle: number): void {
    this.#open.delete(handle);
  }

  syncDirectory(directory: string): void {
    this.#check();
    if (this.#moods.get(directory) === 'failing') throw fault('EIO', `sync ${directory}`);
    // The file system's log is in order: what came before is on the medium, too.
    const last = this.#changes.findLastIndex((each) => each.directory === directory);
    this.#changes.splice(0, last + 1);
  }

  rename(from: string, to: string): void {
    const [file, replaced] = [this.#get(from), this.#names.get(to)];
    this.#names.delete(from);
    this.#names.set(to, file);
    this.#changed(to, () => {
      this.#names.set(from, file);
      if (replaced === undefined) this.#names.delete(to);
      else this.#names.set(to, replaced);
    });
  }

  unlink(path: string): void {
    const file = this.#get(path);
    this.#names.delete(path);
    this.#changed(path, () => this.#names.set(path, file));
  }

  identity(of: string | number): FileIdentity | undefined {
    this.#check();
    const file = typeof of === 'number' ? this.#of(of).file : this.#names.get(of);
    if (file !== undefined) return { device: 0n, inode: file.inode };
    return typeof of === 'string' && this.#directories.has(of) ? { device: 0n, inode: 1n } : undefined;
  }

  /** Bytes of all files. */
  used(): number {
    let sum = 0;
    for (const { size } of this.#names.values()) sum += size;
    return sum;
  }

  #changed(path: string, undo: () => void): void {
    this.#changes.push({ directory: dirname(path), undo });
  }

  #opened(file: CachedFile): number {
    this.#handle += 1;
    this.#open.set(this.#handle, { file, readAt: 0 });
    return this.#handle;
  }

  #of(handle: number): Opened {
    const opened = this.#open.get(handle);
    if (opened === undefined) throw fault('EBADF', String(handle));
    return opened;
  }

  #get(path: string): CachedFile {
    this.#check();
    const file = this.#names.get(path);
    if (file === undefined) throw fault('ENOENT', path);
    return file;
  }

  #check(): void {
    if (this.process === 'ended') throw fault('EIO', 'the process has ended');
  }
}

function fault(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}
