import { existsSync, mkdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './error-code.ts';

/*
 * Node's `recursive` never returns where an existing directory refuses a new one with ENOENT, as
 * /proc does, and it says ENOENT for a read-only file system. These functions make one level at a
 * time, and throw the system's own error.
 */

/**
 * Makes a directory with its missing parents. No error if it exists. Throws Node's
 * `ErrnoException`.
 */
export function makeDirectories(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (isThere(path, error)) return;
    if (!isParentMissing(path, error)) throw error;
    makeDirectories(dirname(path), mode);
    makeDirectories(path, mode);
  }
}

/** As `makeDirectories`, without holding up the caller. */
export async function makeDirectoriesSoon(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (isThere(path, error)) return;
    if (!isParentMissing(path, error)) throw error;
    await makeDirectoriesSoon(dirname(path), mode);
    await makeDirectoriesSoon(path, mode);
  }
}

function isThere(path: string, error: unknown): boolean {
  return errorCode(error) === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isParentMissing(path: string, error: unknown): boolean {
  return errorCode(error) === 'ENOENT' && dirname(path) !== path && !existsSync(dirname(path));
}

const MAY_NOT = 'this user may not write there; run this as the user who owns it, or give it to this user with chown';
const NO_ROOM = 'the disk is full, or the quota is used up; make room';
const IN_THE_WAY = 'a file is in the way; move it, or name another directory';
const REASONS: Readonly<Record<string, string>> = {
  EACCES: MAY_NOT,
  EPERM: MAY_NOT,
  EROFS: 'its file system is read-only; mount it for writing, or name another directory',
  ENOSPC: NO_ROOM,
  EDQUOT: NO_ROOM,
  EEXIST: IN_THE_WAY,
  ENOTDIR: IN_THE_WAY,
  ENOENT: 'no directory can be made there; name another one',
};

/**
 * Why a directory cannot be written, and what to do next. Names no path, because a probe has
 * another name each time.
 */
export function whyNotWritten(error: unknown): string {
  const code = errorCode(error) ?? '';
  const reason = REASONS[code];
  if (reason !== undefined) return `${reason} (${code})`;
  return code === '' && error instanceof Error ? error.message : code || String(error);
}
