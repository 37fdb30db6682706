import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../device-sim/random.ts';
import { until } from '../rig/waiting.ts';
import { type CycleResult, recovery } from './cycle.ts';
import { DISK, type DiskFault } from './failpoint-variables.ts';
import { Life } from './life.ts';
import { Load } from './load.ts';
import { journalFaults } from './settle.ts';
import type { World } from './world.ts';

export const DISK_KINDS = ['EIO', 'ENOSPC', 'short'] as const;

/** Presses under the failing disk. */
const LOAD_MS = 1_500;
/** A press must leave within this time, whatever the disk does. */
const DISPLAYED_WITHIN_MS = 10_000;
const FAULT_WITHIN_MS = 15_000;
const TROUBLE_WITHIN_MS = 8_000;
/** The gateway calls a disk hung after 2 s. */
const HANG_MS = 2_000;

/**
 * One call of the journal's disk fails. Presses go out, the trouble is told, and after a kill
 * nothing is gone that the walls were promised.
 */
export async function diskCycle(
  world: World,
  main: string,
  fault: DiskFault,
  random: Random,
): Promise<CycleResult & { readonly call: string; readonly isTold: boolean }> {
  await world.receiver.behave({ type: 'normal' });
  let call = '';
  let isTold = false;
  const life = new Life(world, {
    main,
    environment: { [DISK]: JSON.stringify(fault) },
    log: (line) => {
      const { event, call: failed, state } = parsed(line);
      if (event === DISK && failed !== undefined) call = failed;
      if (call !== '' && event === 'journal.health' && state !== 'ok') isTold = true;
    },
  });
  const faults: string[] = [];
  try {
    if ((await life.up) === undefined) faults.push(`it does not start: ${life.log.at(-1)}`);
    const load = new Load(world, life, random, 'always');
    await until(() => call !== '' || life.isOver, FAULT_WITHIN_MS);
    await sleep(LOAD_MS);
    await load.stop();
    world.knowsDrill(undefined);
    if (life.isOver) faults.push(`it ended: ${await life.ended}`);
    if (!(await until(() => world.ledger.owed.length === 0, DISPLAYED_WITHIN_MS)))
      faults.push(...world.ledger.owed.map(({ alert }) => `${alert}: not sent while the disk fails`));
    const isToBeTold = fault.kind === 'EIO' || (fault.kind === 'stall' && fault.stallMs > 2 * HANG_MS);
    if (isToBeTold) await until(() => isTold, TROUBLE_WITHIN_MS);
    // What the walls are promised now only the journal has.
    await world.receiver.behave({ type: 'refuse' });
    for (let presses = 0; presses < 4; presses += 1) world.press(random);
    await sleep(500);
  } finally {
    await life.kill();
  }
  world.ledger.deaths += 1;
  world.cutNodes(random, 0.5);
  faults.push(...world.ledger.faults.splice(0), ...journalFaults(world, true));
  faults.push(...(await recovery(world, main, random)));
  return {
    what: `${fault.kind} at call ${fault.at} (${call || 'never made'})`,
    isHit: call !== '',
    faults,
    call,
    isTold,
  };
}

function parsed(line: string): { readonly event?: string; readonly call?: string; readonly state?: string } {
  try {
    return JSON.parse(line);
  } catch {
    // Not of the log.
    return {};
  }
}
