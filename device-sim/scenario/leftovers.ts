import { spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'callpoint-scenario-';

/** Begins the name of a run's directory. It names the process, so that a later start knows it. */
export function runDirectoryPrefix(): string {
  return join(tmpdir(), `${PREFIX}${process.pid}-`);
}

/** Removes the directories of runs whose process was killed. */
export function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = /^callpoint-scenario-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: another user's.
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH';
  }
}

/**
 * Kills a process when this one has ended, however it ended. Returns a function that calls this
 * off, for when the process has ended by itself.
 */
export function killWithUs(pid: number): () => void {
  // The shell reads from a pipe that the kernel closes with this process.
  const watchdog = spawn('/bin/sh', ['-c', 'read -r line || kill -9 "$0"', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.on('error', () => undefined); // no shell: the next start cleans up what it can
  watchdog.stdin.on('error', () => undefined);
  watchdog.unref();
  return () => watchdog.stdin.end('done\n');
}
