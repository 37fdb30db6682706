import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './error-code.ts';

interface FileHolder {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

/**
 * Processes that have each of these files open. `isWhole`: every process could be looked at.
 *
 * @param files as the kernel names them, links resolved
 */
export async function fileHolders(
  files: readonly string[],
  proc = '/proc',
): Promise<{ readonly holders: ReadonlyMap<string, readonly FileHolder[]>; readonly isWhole: boolean }> {
  const holders = new Map<string, FileHolder[]>(files.map((file) => [file, []]));
  let isWhole = true;
  for (const entry of await readdir(proc)) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const descriptors = join(proc, entry, 'fd');
      const links = await Promise.all((await readdir(descriptors)).map((each) => linkOf(join(descriptors, each))));
      const held = files.filter((file) => links.includes(file));
      if (held.length === 0) continue;
      const status = await readFile(join(proc, entry, 'status'), 'utf8');
      const name = /^Name:\s*(.*)$/m.exec(status)?.[1] ?? '?';
      const parent = Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1]);
      for (const file of held) holders.get(file)?.push({ pid: Number(entry), parent, name });
    } catch (error) {
      // A process that ended meanwhile holds nothing. One of another user may.
      if (errorCode(error) === 'EACCES') isWhole = false;
    }
  }
  return { holders, isWhole };
}

async function linkOf(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch {
    // Closed meanwhile.
    return undefined;
  }
}
