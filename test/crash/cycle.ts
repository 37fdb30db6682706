import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, randomBelow } from '../../device-sim/random.ts';
import type { ReceiverBehaviour } from '../../device-sim/receiver/behaviour.ts';
import { bounded } from '../rig/waiting.ts';
import { DISK, type DiskFault } from './failpoint-variables.ts';
import type { Failpoint } from './failpoints.ts';
import { type Armed, Life } from './life.ts';
import { type Deed, Load } from './load.ts';
import { journalFaults, settle } from './settle.ts';
import type { World } from './world.ts';

export interface CycleResult {
  readonly what: string;
  /** It died where it was to die. */
  readonly isHit: boolean;
  readonly faults: readonly string[];
}

/** What the receiver does while the gateway lives that is to die. */
const MANNERS: readonly ReceiverBehaviour[] = [
  ...[{ type: 'normal' }, { type: 'normal' }, { type: 'delay', ms: 60 }, { type: 'delay', ms: 400 }],
  ...[
    { type: 'loseAnswers', times: 2 },
    { type: 'loseRequests', times: 2 },
    { type: 'nak', times: 2 },
  ],
  ...[{ type: 'refuse' }, { type: 'refuse' }, { type: 'refuse' }],
] as const;

const UP_WITHIN_MS = 60_000;
/** A bad receiver may keep the gateway from the failpoint. */
const MANNERS_MS = 1_500;
const DEATH_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 20_000;
/** Share of the nodes that lose their power with the gateway. */
const CUT_SHARE = 0.5;
/** Share of the lives with a disk as slow as a worn card. */
const SLOW_SHARE = 0.4;
const SLOW_MS = 300;
const BLIND_KILL_MS = 1_200;

/** Dies at the failpoint, starts again, and must have lost nothing. */
export async function failpointCycle(
  world: World,
  main: string,
  { name, deed, isAfterKill, isAnew, passesMax }: Failpoint,
  random: Random,
): Promise<CycleResult> {
  const pass = 1 + randomBelow(random, passesMax);
  if (isAnew) world.forgetKept();
  if (isAfterKill) await briefLife(world, main);
  const armed = { failpoint: name, pass };
  const { isHit, faults } = await death(world, main, { armed, deed, random });
  return { what: `${name} at pass ${pass}`, isHit, faults: [...faults, ...(await recovery(world, main, random))] };
}

/** Killed at any instant, from its first one on. */
export async function killCycle(world: World, main: string, random: Random): Promise<CycleResult> {
  const killMs = Math.floor(BLIND_KILL_MS * random());
  const { faults } = await death(world, main, { deed: 'always', random, killMs });
  return {
    what: `killed after ${killMs} ms`,
    isHit: true,
    faults: [...faults, ...(await recovery(world, main, random))],
  };
}

interface DeathOptions {
  readonly deed: Deed;
  readonly random: Random;
  readonly armed?: Armed;
  readonly killMs?: number;
}

async function death(
  world: World,
  main: string,
  { armed, deed, random, killMs }: DeathOptions,
): Promise<{ readonly isHit: boolean; readonly faults: readonly string[] }> {
  const manner = MANNERS[randomBelow(random, MANNERS.length)] ?? { type: 'normal' };
  await world.receiver.behave(manner);
  const slow = { at: 0, kind: 'slow', stallMs: SLOW_MS * random() } satisfies DiskFault;
  const environment = random() < SLOW_SHARE ? { [DISK]: JSON.stringify(slow) } : {};
  const life = new Life(world, { main, environment, warmsUp: random() < 0.25, ...(armed !== undefined && { armed }) });
  const load = new Load(world, life, random, deed);
  if (killMs === undefined) {
    await Promise.race([life.ended, sleep(MANNERS_MS)]);
    await world.receiver.behave({ type: 'normal' });
    await Promise.race([life.ended, sleep(DEATH_WITHIN_MS)]);
  } else await sleep(killMs);
  await life.kill();
  world.ledger.deaths += 1;
  await load.stop();
  world.knowsDrill(load.isDrill);
  world.cutNodes(random, CUT_SHARE);
  return { isHit: life.isHit, faults: [...world.ledger.faults.splice(0), ...journalFaults(world, true)] };
}

/**
 * Starts and is killed: it leaves its lock, its socket and a segment that the next one continues.
 */
async function briefLife(world: World, main: string): Promise<void> {
  const life = new Life(world, { main });
  await bounded(life.up, UP_WITHIN_MS, 'the gateway to start');
  await life.kill();
  world.ledger.deaths += 1;
}

/** It starts again, unharmed: what it owes must come. */
export async function recovery(world: World, main: string, random: Random): Promise<string[]> {
  await world.receiver.behave({ type: 'normal' });
  const life = new Life(world, { main });
  try {
    const up = await bounded(life.up, UP_WITHIN_MS, 'the gateway to start again');
    if (up === undefined) return [`it does not start again: ${life.log.at(-1)}`];
    const faults = await settle(world);
    const isKilled = random() < 0.5;
    if (isKilled) await life.kill();
    else {
      const code = await bounded(life.stop(), STOP_WITHIN_MS, 'the gateway to stop');
      if (code !== '0') faults.push(`it ended with ${code}: ${life.log.at(-1)}`);
    }
    world.ledger.deaths += 1;
    const defects = life.log.filter((line) => line.includes('"event":"defect"'));
    return [...faults, ...world.ledger.faults.splice(0), ...journalFaults(world, isKilled), ...defects];
  } finally {
    await life.kill();
  }
}
