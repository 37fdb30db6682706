import type { Budget } from './small-world.ts';

const NOTHING: Budget = {
  presses: 0,
  repeats: 0,
  slow: 0,
  refusals: 0,
  crashes: 0,
  diskFailures: 0,
  cancels: 0,
  horizonMs: 12_000,
};

const NAMES: Readonly<Record<string, string>> = {
  presses: 'press',
  repeats: 'repeat',
  slow: 'slow answer',
  refusals: 'refusal',
  crashes: 'crash',
  diskFailures: 'failure of the disk',
  cancels: 'cancel',
};

/**
 * A world that is searched: its plan, the attempts that a path has under way at once, and what may
 * happen.
 */
interface SearchedWorld {
  readonly plan: 'inTurn' | 'race';
  readonly parallel: number;
  readonly budget: Budget;
}

function world(plan: 'inTurn' | 'race', parallel: number, budget: Partial<Budget>): SearchedWorld {
  return { plan, parallel, budget: { ...NOTHING, ...budget } };
}

/** Each takes a second or so: they are searched in each run of the tests. */
export const QUICK: readonly SearchedWorld[] = [
  world('inTurn', 1, { presses: 1, slow: 1 }),
  world('inTurn', 2, { presses: 2 }),
  world('race', 1, { presses: 1, refusals: 1 }),
  world('inTurn', 1, { presses: 1, crashes: 1, horizonMs: 4_000 }),
  world('inTurn', 1, { presses: 1, diskFailures: 1, horizonMs: 4_000 }),
  world('inTurn', 1, { presses: 1, cancels: 1, refusals: 1, horizonMs: 4_000 }),
];

/** Whole, each: some take minutes. */
export const WHOLE: readonly SearchedWorld[] = [
  world('inTurn', 1, { presses: 1, repeats: 1, slow: 2 }),
  world('inTurn', 1, { presses: 2, slow: 1 }),
  world('race', 2, { presses: 2, refusals: 1, cancels: 1, horizonMs: 4_000 }),
  world('inTurn', 1, { presses: 1, slow: 1, crashes: 1 }),
  world('inTurn', 1, { presses: 1, crashes: 2, horizonMs: 4_000 }),
  world('inTurn', 1, { presses: 1, diskFailures: 1, crashes: 1, horizonMs: 4_000 }),
  world('race', 1, { presses: 1, cancels: 1, crashes: 1, horizonMs: 4_000 }),
  world('inTurn', 2, { presses: 2, crashes: 1, horizonMs: 4_000 }),
];

/** Everything at once: as far as the time allows, the shortest histories first. */
export const LARGEST: SearchedWorld = world('inTurn', 2, {
  presses: 2,
  repeats: 1,
  slow: 1,
  refusals: 1,
  crashes: 1,
  diskFailures: 1,
  cancels: 1,
});

/** "2 × press, 1 × crash; 4 s; one path after the other, 2 at a time" */
export function described({ plan, parallel, budget }: SearchedWorld): string {
  const { horizonMs, ...faults } = budget;
  const counts = Object.entries(faults).filter(([, count]) => count > 0);
  const what = counts.map(([name, count]) => `${count} × ${NAMES[name] ?? name}`).join(', ');
  return `${what}; ${horizonMs / 1000} s; ${plan === 'race' ? 'both paths at once' : 'one path after the other'}, ${parallel} at a time`;
}
