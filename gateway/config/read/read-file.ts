import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** What stat(2) says of a file or directory. */
export interface Access {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * Whether others may read or write a secret file. Root may let the group of a service read it, so
 * that the service can't change it.
 */
export function isExposed({ uid, gid, mode }: Access): boolean {
  const isForService = uid === 0 && gid !== 0;
  return (mode & (isForService ? 0o037 : 0o077)) !== 0;
}

/** The text of a file, or why it cannot be read, in words for a person. */
export type FileText = ({ readonly text: string } & Access) | Unreadable;

/** Reads one of the site's files. */
export type ReadText = (file: string) => FileText;

interface Unreadable {
  readonly problem: string;
  /** What to do, if the problem alone decides it. */
  readonly hint?: string;
}

/**
 * Enough for a site of 4,000 devices. A wrong file (a log, a disk image) must not fill the memory
 * or take minutes.
 */
const BYTES_MAX = 1024 * 1024;

/** Why a text can't be a file of a site; `undefined`: its size is no reason. */
export function tooLarge(bytes: number): Unreadable | undefined {
  if (bytes <= BYTES_MAX) return undefined;
  const hint = 'name the right file; a site of more than 4,000 devices needs several gateways';
  return { problem: "is larger than 1 MiB: it is not a site's file", hint };
}

/**
 * Reads a whole text file. Mode and text come from one open file, so the text that was checked is
 * the text that was read.
 */
export function readTextFile(file: string): FileText {
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its other end for ever.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    const unreadable = stats.isFile() ? tooLarge(stats.size) : { problem: 'is not a file' };
    if (unreadable !== undefined) return unreadable;
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(readFileSync(descriptor));
    return { text, uid: stats.uid, gid: stats.gid, mode: stats.mode & 0o777 };
  } catch (error) {
    return reason(error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function reason(error: unknown): Unreadable {
  if (error instanceof TypeError)
    return { problem: 'is not UTF-8 text', hint: 'save it as UTF-8 (an editor names it among its encodings)' };
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: 'does not exist' };
  if (code === 'EACCES' || code === 'EPERM') {
    const hint = 'run this as the user who owns it (sudo -u USER), or give it to this user with chown';
    return { problem: 'may not be read by this user', hint };
  }
  return { problem: `can't be read (${typeof code === 'string' ? code : 'unknown reason'})` };
}
