import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { controlSocketPath, socketNameFault } from '../control/socket-file.ts';
import { whyNotWritten } from '../system/make-directories.ts';

/** Bytes that a file system does not keep in the directory itself. */
const PROBE_BYTES = 16 * 1024;

/**
 * Names each directory that this user can't write: a gateway could not keep its records there.
 * Leaves nothing behind, and makes no directory that is missing.
 *
 * @returns one line for each cause, for a person; empty if all is well
 */
export function dataFaults(dataDirectory: string, journalDirectories: readonly string[]): readonly string[] {
  const notWritten = new Map<string, string[]>();
  for (const directory of new Set([dataDirectory, ...journalDirectories])) {
    const isBelowFaulty = [...notWritten.values()].flat().some((other) => isBelow(directory, other));
    // Where the place it is to be made in can't be written, that says it all.
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

function isBelow(directory: string, other: string): boolean {
  return resolve(directory).startsWith(join(resolve(other), sep));
}

function tryOut(directory: string): void {
  if (existsSync(directory)) writeProbe(directory);
  else if (dirname(directory) === directory) throw new Error('there is no such place');
  else tryAbove(dirname(directory));
}

/** The nearest directory that is there is where the others are to be made. */
function tryAbove(directory: string): void {
  if (!existsSync(directory)) {
    tryAbove(dirname(directory));
    return;
  }
  if (!statSync(directory).isDirectory()) throw new Error(`${directory} is in the way: it is no directory`);
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
