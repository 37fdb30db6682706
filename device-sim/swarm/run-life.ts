import { messageOf } from '../../protocol/errors.ts';
import { allCheckers } from './checkers/all-checkers.ts';
import { Ledger } from './checkers/ledger.ts';
import type { Life } from './life/life-shape.ts';
import type { Observation, Observer } from './observation.ts';
import { Sometimes } from './sometimes/sometimes.ts';
import { TraceHash } from './trace-hash.ts';
import { World } from './world/world.ts';

const BROKEN_MAX = 20;

interface Broken {
  readonly promise: string;
  readonly what: string;
  readonly atMs: number;
}

export interface Lived {
  readonly seed: number;
  readonly hours: number;
  /** Of every input and effect with its time. */
  readonly hash: string;
  readonly inputs: number;
  readonly broken: readonly Broken[];
  readonly presses: number;
  /** How often each interesting state was reached. */
  readonly states: Readonly<Record<string, number>>;
}

interface RunOptions {
  /** Sees all that the checkers see, before them. */
  readonly observer?: Observer;
  /** The first promise is broken. */
  readonly onBroken?: () => void;
}

/** Lives a life and checks every promise in it. */
export function runLife(life: Life, { observer, onBroken }: RunOptions = {}): Lived {
  const world = new World(life);
  const ledger = new Ledger();
  const hash = new TraceHash();
  const broken: Broken[] = [];
  let nowMs = 0;
  const breaks = (promise: string, what: string) => {
    if (broken.length === 0) onBroken?.();
    if (broken.length < BROKEN_MAX) broken.push({ promise, what, atMs: nowMs });
  };
  const sometimes = new Sometimes(ledger);
  const checkers = allCheckers({ ledger, broken: breaks });
  if (observer !== undefined) world.watch(observer);
  world.watch({
    see(observation, atMs) {
      nowMs = atMs;
      const traced = tracedPart(observation);
      if (traced !== undefined) hash.add(`${atMs} ${traced}`);
      ledger.see(observation, atMs);
      sometimes.see(observation, atMs);
      for (const checker of checkers) checker.see(observation, atMs);
    },
  });
  try {
    world.run();
    for (const checker of checkers) checker.end?.(nowMs);
  } catch (error) {
    breaks('the gateway has no defect', error instanceof Error ? (error.stack ?? error.message) : messageOf(error));
  }
  const hours = (life.stormMs + life.clearMs) / 3_600_000;
  return {
    seed: life.seed,
    hours,
    hash: hash.digest(),
    inputs: hash.count,
    broken,
    presses: ledger.presses.size,
    states: Object.fromEntries(sometimes.counts),
  };
}

function tracedPart(observation: Observation): string | undefined {
  if (observation.type === 'effect') return JSON.stringify(observation.effect);
  if (observation.type !== 'input') return undefined;
  const { input } = observation;
  // A site holds maps; which one it is says the life.
  return input.type === 'reload' ? 'reload' : JSON.stringify(input);
}
