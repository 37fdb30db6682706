import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SiteReading } from './accepted-settings.ts';
import type { LoadRequest } from './load-in-thread.ts';
import { readTextFile } from './read/read-file.ts';
import { openReading } from './sealed-reading.ts';

/** Several times what the largest site needs. */
const BYTES_MAX = 16 * 1024 * 1024;
/** The release that runs, the one before, the packaged one, and one that is on its way. */
const FILES_MAX = 4;
/** Without a build: of earlier versions. */
const NAME = /^settings(-[0-9a-f]{16})?\.cache(\.new)?$/;

/**
 * The settings that the last start has read and accepted, in the data directory. To read and check
 * the files anew takes a second, ten on a small Pi, and after a power cut each of them counts.
 * Each build has a file of its own, so that an update, and the return from it, start as fast.
 * Nothing depends on this file: it is missing or does not fit, and the files are read.
 */
export class SettingsCache {
  readonly path: string;
  readonly #directory: string;

  /** @param build of the program; absent: it keeps nothing */
  constructor(dataDirectory: string, build = '') {
    this.#directory = dataDirectory;
    const name = createHash('sha256').update(build).digest('hex').slice(0, 16);
    this.path = join(dataDirectory, `settings-${name}.cache`);
  }

  /** @returns `undefined`: the files have to be read */
  read({ build, inputsPassword, ...basis }: LoadRequest): SiteReading | undefined {
    if (build === undefined) return undefined;
    const sealed = this.#bytes();
    const now = { read: readTextFile, inputsPassword, nowMs: Date.now() };
    return sealed && openReading(sealed, { ...basis, build }, now);
  }

  /** Written without waiting for the medium: what a power cut leaves of it does not open. */
  async write(sealed: Uint8Array): Promise<void> {
    const fresh = `${this.path}.new`;
    // What stands there may have another owner or mode.
    await rm(fresh, { force: true });
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(sealed);
    } finally {
      await file.close();
    }
    await rename(fresh, this.path);
    await this.#removeOld();
  }

  async #removeOld(): Promise<void> {
    const names = (await readdir(this.#directory)).filter((name) => NAME.test(name));
    const files = await Promise.all(names.map((name) => this.#aged(name)));
    files.sort((one, other) => other.writtenMs - one.writtenMs);
    for (const { path } of files.slice(FILES_MAX)) await rm(path, { force: true });
  }

  async #aged(name: string): Promise<{ readonly path: string; readonly writtenMs: number }> {
    const path = join(this.#directory, name);
    // Another start may have removed it meanwhile.
    const writtenMs = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    return { path, writtenMs };
  }

  #bytes(): Uint8Array | undefined {
    let descriptor: number | undefined;
    try {
      // Does not wait for a writer if the file is a pipe.
      descriptor = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
      const stats = fstatSync(descriptor);
      return stats.isFile() && stats.size <= BYTES_MAX ? readFileSync(descriptor) : undefined;
    } catch {
      return undefined;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }
}
