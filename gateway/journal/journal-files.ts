import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { WallMs } from '../../protocol/clocks.ts';
import { errorCode } from '../system/error-code.ts';
import { makeDirectories } from '../system/make-directories.ts';

/**
 * The file operations that the journal needs. Tests give the engine a disk that fails. All
 * operations are synchronous, because the engine has a thread of its own, and throw Node's
 * `ErrnoException`.
 */
export interface JournalFiles {
  /** Makes the directory with its missing parents. No error if it exists. */
  makeDirectory(path: string): void;
  list(directory: string): readonly string[];
  stat(path: string): { readonly size: number; readonly modifiedMs: WallMs };
  read(path: string): Uint8Array;
  /** For `readAt`. */
  openRead(path: string): number;
  /** @returns bytes read, 0 at the end; `position` `undefined`: where the last read ended */
  readAt(file: number, bytes: Uint8Array, position?: number): number;
  /** Opens an existing file, to be read and written like one made by `create`. */
  openWrite(path: string): number;
  truncate(file: number, bytes: number): void;
  /**
   * Makes a new file; an error if it exists. Its writes return only once the bytes are on the
   * medium (O_DSYNC).
   */
  create(path: string): number;
  /** @returns bytes written, which may be fewer than asked for */
  write(file: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  close(file: number): void;
  /** Makes created, renamed and deleted names durable. */
  syncDirectory(directory: string): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** @param of a path, or an open file. @returns undefined if nothing has this name */
  identity(of: string | number): FileIdentity | undefined;
}

/** Distinguishes a file or directory from all others of this machine. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

/** Alerts say where people are: the group may read a segment, nobody else. */
const FILE_MODE = 0o640;
const DIRECTORY_MODE = 0o750;
/** The mode of the data directory, which may have to be made anew. */
const PARENT_MODE = 0o700;

export function nodeJournalFiles(): JournalFiles {
  const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_DSYNC;
  return {
    makeDirectory: (path) => {
      if (!existsSync(dirname(path))) makeDirectories(dirname(path), PARENT_MODE);
      makeDirectories(path, DIRECTORY_MODE);
    },
    list: (directory) => readdirSync(directory),
    stat: (path) => {
      const stat = statSync(path);
      return { size: stat.size, modifiedMs: stat.mtimeMs as WallMs };
    },
    read: (path) => readFileSync(path),
    openRead: (path) => openSync(path, constants.O_RDONLY),
    readAt: (file, bytes, position) => readSync(file, bytes, 0, bytes.length, position ?? null),
    openWrite: (path) => openSync(path, constants.O_RDWR | constants.O_DSYNC),
    truncate: (file, bytes) => ftruncateSync(file, bytes),
    create: (path) => openSync(path, createFlags, FILE_MODE),
    write: (file, bytes, offset, length, position) => writeSync(file, bytes, offset, length, position),
    close: (file) => closeSync(file),
    syncDirectory: (directory) => {
      const file = openSync(directory, constants.O_RDONLY);
      try {
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    },
    rename: (from, to) => renameSync(from, to),
    unlink: (path) => unlinkSync(path),
    identity,
  };
}

function identity(of: string | number): FileIdentity | undefined {
  const stat =
    typeof of === 'number' ? fstatSync(of, { bigint: true }) : statSync(of, { bigint: true, throwIfNoEntry: false });
  return stat && { device: stat.dev, inode: stat.ino };
}

/**
 * True if there is no more room: the disk is full, or the quota of its user or project is used up.
 */
export function isFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}
