import { dirname } from 'node:path';
import type { LockOwner } from '../../../gateway/journal/directory-lock.ts';
import { JournalEngine } from '../../../gateway/journal/journal-engine.ts';
import type { FileIdentity, JournalFiles } from '../../../gateway/journal/journal-files.ts';
import type { PendingRecord } from '../../../gateway/journal/record-batch.ts';
import { parseRecords } from '../../../gateway/journal/recovered-records.ts';
import type { JournalSettings } from '../../../gateway/journal/settings.ts';

export type Operation = keyof JournalFiles;

/**
 * A disk in memory that fails on command. It keeps everything for which a write returned; there is
 * no cache to lose.
 */
export class MemoryDisk implements JournalFiles {
  readonly files = new Map<string, Buffer>();
  /**
   * Asked before each operation: an error to throw, or for `write` the number of bytes to accept.
   */
  fault: (operation: Operation, path: string, length: number) => Error | number | undefined = () => undefined;
  capacity = Number.POSITIVE_INFINITY;
  wallMs = 1_000;
  readonly operations: string[] = [];
  /** What is mounted at a directory; everything else is one device. */
  readonly mounts = new Map<string, bigint>();
  #inodes = new Map<string, bigint>();
  #inode = 1n;
  #open = new Map<number, string>();
  #next = 3;

  makeDirectory(path: string): void {
    this.#check('makeDirectory', path);
  }

  list(directory: string): string[] {
    this.#check('list', directory);
    return [...this.files.keys()]
      .filter((path) => dirname(path) === directory)
      .map((p) => p.slice(directory.length + 1));
  }

  stat(path: string): { size: number; modifiedMs: number } {
    this.#check('stat', path);
    return { size: this.#get(path).length, modifiedMs: this.wallMs };
  }

  read(path: string): Uint8Array {
    this.#check('read', path);
    return Uint8Array.from(this.#get(path));
  }

  /** Bytes that were read and written so far. */
  readBytes = 0;
  writtenBytes = 0;
  #readTo = new Map<number, number>();

  openRead(path: string): number {
    this.#check('read', path);
    this.#get(path);
    return this.#opened(path);
  }

  openWrite(path: string): number {
    this.#check('openWrite', path);
    this.#get(path);
    return this.#opened(path);
  }

  readAt(file: number, bytes: Uint8Array, position?: number): number {
    const path = this.#pathOf(file, 'readAt');
    this.#check('readAt', path);
    const from = position ?? this.#readTo.get(file) ?? 0;
    const read = this.#get(path).subarray(from, from + bytes.length);
    bytes.set(read);
    this.readBytes += read.length;
    if (position === undefined) this.#readTo.set(file, from + read.length);
    return read.length;
  }

  truncate(file: number, bytes: number): void {
    const path = this.#pathOf(file, 'truncate');
    this.#check('truncate', path);
    this.files.set(path, Buffer.from(this.#get(path).subarray(0, bytes)));
  }

  create(path: string): number {
    this.#check('create', path);
    if (this.files.has(path)) throw error('EEXIST', `create ${path}`);
    this.files.set(path, Buffer.alloc(0));
    return this.#opened(path);
  }

  write(file: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    const path = this.#pathOf(file, 'write');
    const accepted = this.#check('write', path, length) ?? length;
    const before = this.#get(path);
    const size = Math.max(before.length, position + accepted);
    if (this.used() - before.length + size > this.capacity) throw error('ENOSPC', `write ${path}`);
    const after = size > before.length ? Buffer.concat([before], size) : before;
    after.set(bytes.subarray(offset, offset + accepted), position);
    this.files.set(path, after);
    this.writtenBytes += accepted;
    return accepted;
  }

  close(file: number): void {
    const path = this.#open.get(file) ?? '?';
    this.#check('close', path);
    this.#open.delete(file);
    if (path.startsWith('/unlinked/') && ![...this.#open.values()].includes(path)) this.files.delete(path);
  }

  syncDirectory(directory: string): void {
    this.#check('syncDirectory', directory);
  }

  rename(from: string, to: string): void {
    this.#check('rename', from);
    this.#move(from, to);
  }

  unlink(path: string): void {
    this.#check('unlink', path);
    this.#get(path);
    // What is open is there until it is closed.
    if ([...this.#open.values()].includes(path)) this.#move(path, `/unlinked/${this.#next++}`);
    else this.files.delete(path);
  }

  identity(of: string | number): FileIdentity | undefined {
    const path = typeof of === 'number' ? (this.#open.get(of) ?? '?') : of;
    this.#check('identity', path);
    const isDirectory = [...this.files.keys()].some((file) => file.startsWith(`${path}/`));
    if (!this.files.has(path) && !isDirectory) return undefined;
    const device = [...this.mounts].find(([directory]) => path.startsWith(directory))?.[1] ?? 0n;
    const inode = this.#inodes.get(path) ?? this.#inode++;
    this.#inodes.set(path, inode);
    return { device, inode };
  }

  /** Moves the content of the directory elsewhere, like `mv` and `umount`. Open files stay open. */
  move(directory: string, to: string): void {
    for (const path of [...this.files.keys()]) {
      if (path.startsWith(`${directory}/`)) this.#move(path, `${to}${path.slice(directory.length)}`);
    }
  }

  /** Open handles on files of a directory. */
  openIn(directory: string): number {
    return [...this.#open.values()].filter((path) => path.startsWith(`${directory}/`)).length;
  }

  #move(from: string, to: string): void {
    this.files.set(to, this.#get(from));
    this.files.delete(from);
    for (const [file, path] of this.#open) if (path === from) this.#open.set(file, to);
    const inode = this.#inodes.get(from);
    this.#inodes.delete(from);
    if (inode !== undefined) this.#inodes.set(to, inode);
  }

  /** Where the file that is open stands now. */
  pathOf(file: number): string {
    return this.#pathOf(file, 'pathOf');
  }

  used(): number {
    return [...this.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  }

  /** The same disk as another process finds it after a crash. */
  afterCrash(): MemoryDisk {
    const disk = new MemoryDisk();
    for (const [path, bytes] of this.files) disk.files.set(path, Buffer.from(bytes));
    return disk;
  }

  /** The same disk, as the next process finds it; nothing is copied. */
  restarted(): this {
    this.operations.length = 0;
    this.#open.clear();
    this.readBytes = 0;
    this.writtenBytes = 0;
    return this;
  }

  segments(directory = '/a'): string[] {
    return [...this.files.keys()].filter((path) => path.startsWith(`${directory}/journal-`)).sort();
  }

  #opened(path: string): number {
    const file = this.#next++;
    this.#open.set(file, path);
    return file;
  }

  #pathOf(file: number, operation: string): string {
    const path = this.#open.get(file);
    if (path === undefined) throw error('EBADF', operation);
    return path;
  }

  #get(path: string): Buffer {
    const bytes = this.files.get(path);
    if (bytes === undefined) throw error('ENOENT', path);
    return bytes;
  }

  #check(operation: Operation, path: string, length = 0): number | undefined {
    this.operations.push(`${operation} ${path}`);
    const fault = this.fault(operation, path, length);
    if (fault instanceof Error) throw fault;
    return fault;
  }
}

export function error(code: string, text = ''): Error {
  return Object.assign(new Error(`${code}: ${text}`), { code });
}

export const OWNER: LockOwner = { text: 'me', isAlive: (text) => text.startsWith('alive') };

export const SETTINGS: JournalSettings = {
  directories: ['/a'],
  segmentBytes: 4_096,
  retainMs: 1e9,
  retainBytes: 1e9,
};

/** An engine on a disk, with its reports. */
export class Rig {
  readonly disk: MemoryDisk;
  readonly engine: JournalEngine;
  readonly durable: number[] = [];
  readonly health: string[] = [];
  readonly details: string[] = [];
  /** What the thread after this one would be given. */
  owed: readonly PendingRecord[] | undefined;
  readonly recovered: { sessions: number[]; damaged: number; detail: string };
  readonly unread: readonly string[];
  now = 0;
  #number = 0;

  constructor(disk = new MemoryDisk(), settings: Partial<JournalSettings> = {}) {
    this.disk = disk;
    this.engine = new JournalEngine(
      { ...SETTINGS, ...settings },
      {
        files: disk,
        owner: OWNER,
        monoMs: () => this.now,
        wallMs: () => disk.wallMs,
        durable: (number) => this.durable.push(number),
        owed: (records) => {
          this.owed = records;
        },
        health: (state, detail) => {
          this.health.push(state);
          this.details.push(detail);
        },
      },
    );
    const { texts, damaged, problems, notes, unread } = this.engine.open();
    this.unread = unread;
    const { records } = parseRecords({ texts, damaged, detail: '' });
    const sessions = records.flatMap((record) => (record.t === 'kept' ? [Number(record.of.report.id)] : []));
    this.recovered = { sessions, damaged, detail: [...problems, ...notes].join('; ') };
  }

  /**
   * Appends one record; `mark` is the id of its report, by which it is known again. The first
   * record of a journal holds a key, so that all are recovered, unless keys are given.
   */
  append(mark: number, keys?: { holds?: string; releases?: string }, padding = ''): void {
    this.appendAll([mark], keys, padding);
  }

  appendAll(marks: readonly number[], keys?: { holds?: string; releases?: string }, padding = ''): void {
    const records = marks.map((mark) => {
      this.#number += 1;
      const isFirst = this.#number === 1 && this.recovered.sessions.length === 0;
      const marked = keys ?? (isFirst ? { holds: 'start' } : {});
      const report = { id: String(mark), class: 'test', text: padding };
      const json = JSON.stringify({ record: { t: 'report', at: mark, report, sequences: {} }, ...marked });
      return { number: this.#number, json, ...marked };
    });
    this.engine.commit(records);
  }

  /** Lets the time pass in ticks of one second. */
  pass(ms: number): void {
    const until = this.now + ms;
    while (this.now < until) {
      this.now += 1_000;
      this.engine.tick();
    }
  }

  workAll(): void {
    while (this.engine.work());
  }
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
