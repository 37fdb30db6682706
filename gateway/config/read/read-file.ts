import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

/** What a file holds, or why it can't be had, in words for a person. */
export type FileText = { readonly text: string; readonly mode: number } | { readonly problem: string };

/** A site of 4,000 devices; keeps a wrong path (a log, a disk image) from filling the memory and the time. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads a text file whole. Mode and text come from one open file, so that what was checked is what was read.
 */
export function readTextFile(file: string): FileText {
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its other end for ever.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    const problem = unreadable(stats);
    if (problem !== undefined) return { problem };
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(readFileSync(descriptor));
    return { text, mode: stats.mode & 0o777 };
  } catch (error) {
    return { problem: reason(error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function unreadable(stats: Stats): string | undefined {
  if (!stats.isFile()) return 'is not a file';
  return stats.size > MAX_BYTES ? "is larger than 1 MiB: it is not a site's file" : undefined;
}

function reason(error: unknown): string {
  if (error instanceof TypeError) return 'is not UTF-8 text';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  return `can't be read (${typeof code === 'string' ? code : 'unknown reason'})`;
}
