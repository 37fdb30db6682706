import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { controlSocketPath, socketNameFault } from '../control/socket-file.ts';
import { whyNotWritten } from '../system/make-directories.ts';

/** More bytes than a file system stores in the directory itself. */
const PROBE_BYTES = 16 * 1024;

/**
 * Names each directory that this user can't write, because a gateway could not keep its records
 * there. It leaves nothing behind, and makes no missing directory.
 *
 * @returns one line for each cause, for a person; empty if there is none
 */
export function dataFaults(dataDirectory: string, journalDirectories: readonly string[]): readonly string[] {
  const notWritten = new Map<string, string[]>();
  for (const directory of new Set([dataDirectory, ...journalDirectories])) {
    const isBelowFaulty = [...notWritten.values()].flat().some((other) => isBelow(directory, other));
    // If the parent directory can't be written, that is the only cause to report.
    if (isBelowFaulty && !existsSync(directory)) continue;
    try {
      tryOut(directory);
    } catch (error) {
      const why = whyNotWritten(error);
      notWritten.set(why, [...(notWritten.get(why) ?? []), directory]);
    }
  }
  const faults = [...notWritten].map(([why, places]) => `${places.join(' and ')} can't be written: ${why}`);
  const fault = socketNameFault(controlSocketPath(dataDirectory));
  return fault === undefined ? faults : [...faults, fault];
}

const MIB = 1024 * 1024;

/**
 * Directories on a disk that can never hold what the journal may keep: the journal would fill the
 * disk before it deletes its oldest records.
 *
 * @param sizeOf bytes of the disk that a directory is on, or will be
 */
export function diskWarnings(
  journalDirectories: readonly string[],
  retainMegabytes: number,
  sizeOf: (directory: string) => number = diskSize,
): readonly string[] {
  return journalDirectories.flatMap((directory) => {
    const size = Math.floor(sizeOf(directory) / MIB);
    if (size === 0 || retainMegabytes < size) return [];
    const what = `the disk of ${directory} has ${size} MiB, and the journal may keep ${retainMegabytes} MiB`;
    return [`${what}: write a retainMegabytes that leaves room, such as ${Math.max(16, Math.floor(size / 2))}`];
  });
}

/** 0: not known. What can't be looked at is a fault of its own. */
function diskSize(directory: string): number {
  let there = resolve(directory);
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  try {
    const { blocks, bsize } = statfsSync(there);
    return blocks * bsize;
  } catch {
    return 0;
  }
}

function isBelow(directory: string, other: string): boolean {
  return resolve(directory).startsWith(join(resolve(other), sep));
}

function tryOut(directory: string): void {
  if (existsSync(directory)) writeProbe(directory);
  else if (dirname(directory) === directory) throw new Error('there is no such place');
  else tryAbove(dirname(directory));
}

/** The nearest existing directory, in which the missing ones would be made. */
function tryAbove(directory: string): void {
  if (!existsSync(directory)) {
    tryAbove(dirname(directory));
    return;
  }
  if (!statSync(directory).isDirectory()) throw new Error(`${directory} is in the way: it is not a directory`);
  rmdirSync(mkdtempSync(join(directory, '.callpoint-check-')));
}

function writeProbe(directory: string): void {
  const path = join(directory, `.callpoint-check-${process.pid}`);
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, new Uint8Array(PROBE_BYTES));
    fsyncSync(file);
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}
