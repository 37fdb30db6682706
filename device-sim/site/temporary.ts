import { once } from 'node:events';
import { lstatSync, mkdtempSync, readdirSync, rmSync, type Stats } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Sockets that a simulator makes in the temporary directory. */
const SOCKET = /^callpoint-(?:sim|gpio)-[0-9a-f]{16}(?:-inputs|-paths)?\.sock$/;
const DIRECTORY = /^callpoint-sim-[A-Za-z0-9]{6}$/;
/** In a temporary directory: somebody listens there for as long as its process lives. */
const ALIVE = 'alive.sock';
/** All that a failed start leaves. */
const KEPT = new Set(['gateway.log']);
/** A socket is bound a moment before somebody listens at it, ms. */
const FRESH_MS = 2_000;
/** A log is kept for a person for a day, ms. */
const KEPT_MS = 86_400_000;

interface TemporaryDirectory {
  readonly path: string;
  /** @param isLogKept the gateway's log stays for a day, and nothing else */
  remove(isLogKept?: boolean): void;
}

/** Makes a directory that the next simulator removes if this process is killed. */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = mkdtempSync(join(tmpdir(), 'callpoint-sim-'));
  const alive = createServer((socket) => socket.destroy()).unref();
  alive.listen(join(path, ALIVE));
  await once(alive, 'listening');
  return {
    path,
    remove: (isLogKept = false) => {
      alive.close();
      if (!isLogKept) rmSync(path, { recursive: true, force: true });
      else for (const name of readdirSync(path)) if (!KEPT.has(name)) rmSync(join(path, name), { recursive: true });
    },
  };
}

/**
 * Removes what killed simulators of this user left in the temporary directory. What has an owner
 * that lives, and what is not a simulator's, stays.
 * @returns the names of what was removed
 */
export async function removeLeftovers(directory = tmpdir(), nowMs = Date.now()): Promise<string[]> {
  const removed: string[] = [];
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const isLeft = SOCKET.test(name)
      ? await isLeftSocket(path, nowMs)
      : DIRECTORY.test(name) && (await isLeftDirectory(path, nowMs));
    if (!isLeft) continue;
    rmSync(path, { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

async function isLeftSocket(path: string, nowMs: number): Promise<boolean> {
  const found = own(path);
  if (found?.isSocket() !== true || nowMs - found.mtimeMs < FRESH_MS) return false;
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    // Any other error says nothing of its owner.
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}

async function isLeftDirectory(path: string, nowMs: number): Promise<boolean> {
  const found = own(path);
  if (found?.isDirectory() !== true) return false;
  const names = readdirSync(path);
  if (names.includes(ALIVE)) return isLeftSocket(join(path, ALIVE), nowMs);
  return names.length > 0 && names.every((name) => KEPT.has(name)) && nowMs - found.mtimeMs > KEPT_MS;
}

/** A link, and what belongs to another user, is not ours. */
function own(path: string): Stats | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.uid === (process.getuid?.() ?? found.uid) ? found : undefined;
}
