import { expect, test } from 'vitest';
import { makeLife } from '../../device-sim/swarm/make/make-life.ts';
import { runLife } from '../../device-sim/swarm/run-life.ts';

const HOURS = 3;
const SEEDS = [1, 2, 3, 4, 5, 6] as const;

test.each(SEEDS)('every promise holds in the life of seed %i', (seed) => {
  const { broken } = runLife(makeLife(seed, HOURS));
  expect(broken).toEqual([]);
});

test('the same seed gives the same life and the same history, on every version of Node', () => {
  const hashes = [11, 12].map((seed) => runLife(makeLife(seed, HOURS)).hash);
  expect([11, 12].map((seed) => runLife(makeLife(seed, HOURS)).hash)).toEqual(hashes);
  // Each change of the gateway or of the lives changes them: renew them with `npx vitest run -u`.
  expect(hashes).toMatchInlineSnapshot(`
    [
      "99dd5df81cc6501f",
      "c79f43cc8e41b16f",
    ]
  `);
});
