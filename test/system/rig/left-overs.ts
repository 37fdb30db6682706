import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlGroup, groupsHere } from './control-group.ts';

/** Followed by the number of the process that made it. */
export const STATE_PREFIX = 'callpoint-machine-';

/**
 * Removes the files and control groups of processes that were killed before they could. Their
 * containers and mounts have ended with them.
 */
export function removeLeftOvers(): void {
  for (const name of readdirSync(tmpdir())) {
    if (isLeftOver(name)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  for (const name of readdirSync(groupsHere())) {
    if (isLeftOver(name)) new ControlGroup(name).remove();
  }
}

function isLeftOver(name: string): boolean {
  const [, pid] = /^callpoint-machine-(\d+)-/.exec(name) ?? [];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}
