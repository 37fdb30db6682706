import { lstatSync, mkdirSync, realpathSync, rmdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isSimulatorLink } from '../pty/pseudo-terminal.ts';

/**
 * Why nothing may be simulated at a path; `undefined`: it may. Root could otherwise put it in the
 * place of a real port.
 *
 * @param isOurs is what stands there left over from a simulator?
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

/** As the device file of a simulated chip is. */
export function isEmptyFile(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === 0;
}

/**
 * Makes the directories above a path. Returns how to remove those that were not there before, if
 * nothing else is in them.
 */
export function makeDirectoriesFor(path: string): () => void {
  const directory = dirname(resolve(path));
  const first = mkdirSync(directory, { recursive: true });
  return () => {
    if (first === undefined) return;
    try {
      for (let made = directory; made.length >= first.length; made = dirname(made)) rmdirSync(made);
    } catch {
      // Somebody keeps something there, or removed it already.
    }
  };
}

/** Where the path leads; its last part, which may be a link of ours, is not followed. */
function realPlace(path: string): string {
  const parent = dirname(path);
  if (parent === path) return path;
  try {
    return join(realpathSync(parent), basename(path));
  } catch {
    return join(realPlace(parent), basename(path));
  }
}
