import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;

/** Where the kernel's control groups of version 2 are mounted; also beside those of version 1. */
export function groupsHere(): string {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const found = mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2');
  if (found?.[1] === undefined) throw new Error('this kernel has no control groups of version 2');
  return found[1];
}

/**
 * A control group of the host for all processes of a machine. Without one, two machines would take
 * each other's services for their own, because both would have the same root group.
 */
export class ControlGroup {
  readonly path: string;

  constructor(name: string) {
    this.path = join(groupsHere(), name);
  }

  make(): void {
    mkdirSync(this.path, { recursive: true });
  }

  /** Ends all its processes at once: cgroup.kill in the kernel's cgroup-v2.rst. */
  kill(): void {
    if (existsSync(this.path)) writeFileSync(join(this.path, 'cgroup.kill'), '1');
  }

  processes(): number[] {
    return this.#groups().flatMap((group) => {
      const pids = textOf(join(group, 'cgroup.procs')).split('\n');
      return pids.filter((pid) => pid !== '').map(Number);
    });
  }

  /** Resolves when the last process has ended. A killed one takes a moment to go. */
  async emptied(): Promise<void> {
    while (textOf(join(this.path, 'cgroup.events')).includes('populated 1')) await sleep(POLL_MS);
  }

  /** Its processes must have ended. */
  remove(): void {
    for (const group of this.#groups().reverse()) rmdirSync(group);
  }

  /** Itself and all below it, each before those in it. */
  #groups(): string[] {
    return existsSync(this.path) ? groupsFrom(this.path) : [];
  }
}

function groupsFrom(path: string): string[] {
  return [path, ...directoriesIn(path).flatMap((name) => groupsFrom(join(path, name)))];
}

function directoriesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? [each.name] : []));
  } catch {
    // The group has gone meanwhile.
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The group has gone meanwhile.
    return '';
  }
}
