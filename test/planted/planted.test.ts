import { beforeAll, expect, test } from 'vitest';
import { checkPatches } from '../rig/source-patch.ts';
import { ALL_BUGS } from './bugs/all-bugs.ts';
import { readFound } from './found.ts';
import { Control, hunt } from './hunt.ts';

/** Each is found by another checker, within so many lives. */
const QUICK = ['sent-shown-as-accepted', 'zone-of-the-device', 'accepted-is-not-told'];
const QUICK_SEEDS = 10;
/** On a machine that has much else to do. */
const HUNT_MS_MAX = 120_000;
/** Of the bugs below, at least so many have been found. */
const FOUND_MIN = 50;

let control: Control;

beforeAll(async () => {
  control = await Control.make();
}, HUNT_MS_MAX);

test('every planted bug still fits the source that it changes, by itself', () => {
  for (const bug of ALL_BUGS) checkPatches([bug]);
});

test('every planted bug has a name of its own, and says what is wrong', () => {
  const names = ALL_BUGS.map(({ name }) => name);
  expect(names).toHaveLength(new Set(names).size);
  expect(ALL_BUGS.filter(({ wrong }) => !/^[A-Z].*\.$/.test(wrong))).toEqual([]);
});

test('enough of them have been found, and each by a seed that can be lived again', () => {
  const names = new Set(ALL_BUGS.map(({ name }) => name));
  const found = Object.keys(readFound());
  expect(found.filter((name) => !names.has(name))).toEqual([]);
  expect(found.length).toBeGreaterThanOrEqual(FOUND_MIN);
});

test.each(QUICK)(
  'the swarm finds the planted bug %s',
  async (name) => {
    const bug = ALL_BUGS.find((each) => each.name === name);
    if (bug === undefined) throw new Error(`there is no planted bug ${name}`);
    const { seed, promise } = await hunt(bug, 1, QUICK_SEEDS, control);
    expect(seed, `${name} is not found any more: npm run test:planted -- --bug ${name} says more`).toBeDefined();
    expect(promise).not.toBe('');
  },
  HUNT_MS_MAX,
);
