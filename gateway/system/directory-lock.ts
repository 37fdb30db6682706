import { closeSync, constants, openSync } from 'node:fs';
import { loadLibc } from './libc.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Does something while no other process does the same in this directory. The kernel releases the
 * lock when the process ends, however it ends. Where libc can't be loaded there is no lock.
 *
 * @returns `undefined` if another process holds it
 */
export async function whileLocked<T>(
  directory: string,
  act: () => T | Promise<T>,
): Promise<{ readonly result: T } | undefined> {
  const libc = await loadLibc().catch(() => undefined);
  if (libc === undefined) return { result: await act() };
  const flock: (descriptor: number, operation: number) => number = libc.func('int flock(int, int)');
  const descriptor = openSync(directory, constants.O_RDONLY);
  try {
    if (flock(descriptor, LOCK_EX | LOCK_NB) !== 0) return undefined;
    return { result: await act() };
  } finally {
    closeSync(descriptor);
  }
}
