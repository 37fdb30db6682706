import { readFileSync } from 'node:fs';
import { errorCode } from '../system/error-code.ts';
import type { LockOwner } from './directory-lock.ts';

/**
 * This run of the gateway as owner of a lock: process number, its start time and the machine's
 * boot. After a crash or a reboot another process may have the number, and must not count as a
 * gateway.
 *
 * @param run text without spaces that differs between two journals opened by one process
 */
export function processOwner(run: string): LockOwner {
  return {
    text: `pid ${process.pid} started ${startOf(process.pid) ?? '?'} boot ${bootId()} run ${run}`,
    isAlive: (text) => {
      const parts = /^pid (\d+) started (\S+) boot (\S+) run /.exec(text);
      if (parts === null) return false;
      const [, pid = '', started = '', boot = ''] = parts;
      if (boot !== bootId()) return false;
      if (isEnded(Number(pid))) return false;
      const startedNow = startOf(Number(pid));
      if (startedNow !== undefined) return startedNow === started;
      return started === '?' && processExists(Number(pid));
    },
  };
}

/** Start time in clock ticks since boot: field 22 of /proc/PID/stat. */
function startOf(pid: number): string | undefined {
  return statOf(pid)?.at(19);
}

/** The process was killed, but its parent has not waited for it: a number without a process. */
function isEnded(pid: number): boolean {
  return ['Z', 'X'].includes(statOf(pid)?.at(0) ?? '');
}

/**
 * The fields of /proc/PID/stat (proc(5)) from the third on, behind the command's closing bracket.
 */
function statOf(pid: number): string[] | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '?';
}

/** @returns undefined where there is no such file: the process is gone, or this is not Linux */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
