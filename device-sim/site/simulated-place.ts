import { lstatSync, mkdirSync, realpathSync, rmdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isSimulatorLink } from '../pty/pseudo-terminal.ts';

/**
 * Returns the reason why nothing may be simulated at a path, or `undefined` if it may. Without this
 * check, root could replace a real port.
 * @param isOurs returns true if an earlier simulator left the file there
 */
export function whyNotAt(path: string, isOurs: (path: string) => boolean = isSimulatorLink): string | undefined {
  const real = realPlace(resolve(path));
  if (/^\/(dev|proc|sys|run)(\/|$)/.test(real) && !real.startsWith('/dev/shm/')) {
    return `${path} is a place for real ports: to have one simulated, write one such as /tmp/port-1`;
  }
  const found = lstatSync(real, { throwIfNoEntry: false });
  if (found === undefined || isOurs(real)) return undefined;
  return `${path} is there already, and is not a simulator's`;
}

/** Returns true for a file like the device file of a simulated chip. */
export function isEmptyFile(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === 0;
}

/**
 * Makes the directories above a path. Returns a function that removes the new ones if they are
 * empty.
 */
export function makeDirectoriesFor(path: string): () => void {
  const directory = dirname(resolve(path));
  const first = mkdirSync(directory, { recursive: true });
  return () => {
    if (first === undefined) return;
    try {
      for (let made = directory; made.length >= first.length; made = dirname(made)) rmdirSync(made);
    } catch {
      // The directory holds other files, or is gone already.
    }
  };
}

/** Resolves the path, but not its last part, which may be our link. */
function realPlace(path: string): string {
  const parent = dirname(path);
  if (parent === path) return path;
  try {
    return join(realpathSync(parent), basename(path));
  } catch {
    return join(realPlace(parent), basename(path));
  }
}
