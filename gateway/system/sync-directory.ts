import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Names that were made or changed in the directory are there after a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
