import { constants } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../system/sync-directory.ts';
import type { AddressFile } from './kept-addresses.ts';

/** Ten times what the longest site needs. */
const BYTES_MAX = 262_144;
const READ = constants.O_RDONLY | constants.O_NONBLOCK;
const REPLACE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;

/** `addresses.json` in the data directory. Its errors name the file. */
export function addressFileIn(dataDirectory: string): AddressFile {
  const path = join(dataDirectory, 'addresses.json');
  return { read: () => readWhole(path), write: (text) => replace(path, text) };
}

async function readWhole(path: string): Promise<string | undefined> {
  try {
    // Does not wait for a writer if the file is a pipe.
    const file = await open(path, READ);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(BYTES_MAX + 1), 0, BYTES_MAX + 1, null);
      if (bytesRead > BYTES_MAX) throw new Error(`it is longer than ${BYTES_MAX} bytes`);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** After a power cut the old file or the new one is there, whole. */
async function replace(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, REPLACE, 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  await syncDirectory(dirname(path));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
