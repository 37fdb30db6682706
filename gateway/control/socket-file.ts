import { randomBytes } from 'node:crypto';
import { type BigIntStats, chmodSync, existsSync, linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { lstat, mkdtemp, rmdir } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { errorCode } from '../system/error-code.ts';
import { makeDirectoriesSoon, whyNotWritten } from '../system/make-directories.ts';

/**
 * `sun_path` of unix(7) has 108 bytes, one of them for the terminator. The system silently cuts
 * longer names.
 */
const NAME_LENGTH_MAX = 107;
const TRIES = 3;

export function controlSocketPath(dataDirectory: string): string {
  return join(dataDirectory, 'control.sock');
}

/** @returns what to do about a name that is too long for the system; `undefined` if it fits */
export function socketNameFault(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (bytes <= NAME_LENGTH_MAX) return undefined;
  const what = `${path} is ${bytes} bytes long, and the system takes no more than ${NAME_LENGTH_MAX} for a socket`;
  return `${what}: give the data directory a shorter path, or start callpoint from within it with --data .`;
}

/**
 * Listens on a socket that only this user can open, from its first instant on. Replaces the socket
 * of a gateway that was killed, and never that of a running one.
 *
 * @returns what was made; `undefined` if it is gone already
 * @throws if it cannot be made, with words for a person
 */
export async function listenPrivately(server: Server, path: string): Promise<SocketIdentity | undefined> {
  const fault = socketNameFault(path);
  if (fault !== undefined) throw new Error(fault);
  try {
    return await takeName(server, path);
  } catch (error) {
    throw inWords(error, dirname(path));
  }
}

/**
 * The same words as those of `proveWritable`, which tries the directory next: one cause is reported
 * once.
 */
function inWords(error: unknown, directory: string): unknown {
  const code = errorCode(error);
  if (code === undefined) return error;
  // libuv says EACCES where the system says ENOENT.
  if (['EACCES', 'ENOENT'].includes(code) && !existsSync(directory))
    return new Error(`${directory} is not there; it is made anew as soon as it can be`);
  const why = whyNotWritten(error);
  return why === code ? error : new Error(notWritten(directory, error), { cause: error });
}

function notWritten(directory: string, error: unknown): string {
  return `${directory} can't be written: ${whyNotWritten(error)}`;
}

async function takeName(server: Server, path: string): Promise<SocketIdentity | undefined> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (await listensOn(server, path)) return identityOf(lstatSync(path, { bigint: true, throwIfNoEntry: false }));
    if (isSomethingElse(path)) throw new Error(`${path} is in the way: it is no socket; move it elsewhere`);
    if (await isAnswered(path, 'if in doubt')) throw new Error(`another gateway answers at ${path}`);
    await setAside(path);
  }
  throw new Error(`another gateway is starting at ${path}`);
}

/** @returns false if the name is taken */
function listensOn(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const ready = (): void => {
      server.off('error', failed);
      resolve(true);
    };
    const failed = (error: Error): void => {
      server.off('listening', ready);
      if (errorCode(error) === 'EADDRINUSE') resolve(false);
      else reject(error);
    };
    server.once('listening', ready);
    server.once('error', failed);
    // Not 0177: another thread may make a directory meanwhile. The socket is made within this call.
    const mask = process.umask(0o077);
    try {
      server.listen(path);
      if (server.listening) chmodSync(path, 0o600);
    } catch (error) {
      server.close();
      failed(error as Error);
    } finally {
      process.umask(mask);
    }
  });
}

function isSomethingElse(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false;
}

/**
 * A socket whose process is gone refuses connections.
 *
 * @param sure which failures count as an answer. `if in doubt`: every other failure as well,
 * because it may be a running gateway.
 */
export function isAnswered(path: string, sure: 'only if it answers' | 'if in doubt'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error) => {
      resolve(sure === 'if in doubt' && !['ECONNREFUSED', 'ENOENT'].includes(errorCode(error) ?? ''));
    });
  });
}

/**
 * Moves a left-over socket away under a name of its own and then tries to connect to it. If another
 * starter was faster and this is its new socket, moves it back.
 */
async function setAside(path: string): Promise<void> {
  // As long as the name itself, which may be as long as the system allows.
  const aside = join(dirname(path), `old-${randomBytes(4).toString('hex')}`);
  try {
    renameSync(path, aside);
    if (await isAnswered(aside, 'if in doubt')) linkSync(aside, path);
    unlinkSync(aside);
  } catch (error) {
    // Another process has removed it, or has already taken the name.
    if (!['ENOENT', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
  }
}

/**
 * Makes the directory if it is gone, and proves that it can be written, without holding up the
 * caller. Rejects if it cannot.
 */
export async function proveWritable(directory: string): Promise<void> {
  try {
    await makeDirectoriesSoon(directory, 0o700);
    await rmdir(await mkdtemp(join(directory, 'probe-')));
  } catch (error) {
    // Without the probe's name, which is different each time.
    throw new Error(notWritten(directory, error), { cause: error });
  }
}

/** Tells a socket from another one that has its name. */
export interface SocketIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

/** @returns `undefined` if there is none. Rejects if the look-up fails. */
export async function socketIdentity(path: string): Promise<SocketIdentity | undefined> {
  try {
    return identityOf(await lstat(path, { bigint: true }));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

function identityOf(stat: BigIntStats | undefined): SocketIdentity | undefined {
  return stat && { device: stat.dev, inode: stat.ino };
}

export function isSame(one: SocketIdentity | undefined, other: SocketIdentity): boolean {
  return one?.device === other.device && one.inode === other.inode;
}
