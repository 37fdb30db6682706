import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { errorCode } from '../system/error-code.ts';
import { loadLibc } from '../system/libc.ts';
import { syncDirectory } from '../system/sync-directory.ts';

/**
 * What the store needs of a file system. A test takes a simulated disk, which loses power between
 * any two of these steps and then has whatever a real one may have.
 */
export interface ReleaseDisk {
  /** @returns undefined: there is none that can be read */
  readText(path: string): Promise<string | undefined>;
  readLink(path: string): Promise<string | undefined>;
  isThere(path: string): Promise<boolean>;
  makeDirectory(path: string): Promise<void>;
  /** A new file, which is not on the medium before `syncTree`. Throws if there is one. */
  write(path: string, content: Uint8Array): Promise<void>;
  makeLink(target: string, path: string): Promise<void>;
  /** Replaces what has the name. */
  rename(from: string, to: string): Promise<void>;
  /** With all that is in it. No error if it is not there. */
  remove(path: string): Promise<void>;
  /** A file, or a directory with all that is in it, is on the medium. */
  syncTree(path: string): Promise<void>;
  /** The names in a directory are on the medium. */
  syncNames(path: string): Promise<void>;
}

const READ_BYTES_MAX = 16 * 1024 * 1024;

export const nodeReleaseDisk: ReleaseDisk = {
  readText: async (path) => {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW).catch(absent);
    if (file === undefined) return undefined;
    try {
      const stats = await file.stat();
      return stats.isFile() && stats.size <= READ_BYTES_MAX ? await readFile(file, 'utf8') : undefined;
    } finally {
      await file.close();
    }
  },
  readLink: (path) => readlink(path).catch(absent),
  isThere: async (path) => (await lstat(path).catch(absent)) !== undefined,
  makeDirectory: async (path) => {
    await mkdir(path);
    // The gateway's user reads it, whatever the umask of the administrator.
    await chmod(path, 0o755);
  },
  write: async (path, content) => {
    const file = await open(path, 'wx');
    try {
      await file.chmod(0o644);
      await file.writeFile(content);
    } finally {
      await file.close();
    }
  },
  makeLink: (target, path) => symlink(target, path),
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  syncTree,
  syncNames: syncDirectory,
};

/**
 * A directory with all of its file system at once: a release has thousands of files, and an SD card
 * needs 10 ms for each that is synced alone.
 */
async function syncTree(path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY);
  try {
    if ((await file.stat()).isDirectory()) await syncFileSystem(file.fd);
    else await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFileSystem(descriptor: number): Promise<void> {
  const syncfs = (await loadLibc()).func('int syncfs(int)');
  // In another thread: the disk may take seconds.
  const result = await promisify<number, number>(syncfs.async)(descriptor);
  if (result !== 0) throw new Error('The release could not be written to the medium: syncfs failed.');
}

/** Not there, or no file of that kind. */
function absent(error: unknown): undefined {
  const code = errorCode(error);
  if (code !== undefined && ['ENOENT', 'ENOTDIR', 'EINVAL', 'ELOOP', 'ENXIO'].includes(code)) return undefined;
  throw error;
}
