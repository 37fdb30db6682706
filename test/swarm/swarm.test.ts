import { expect, test } from 'vitest';
import { makeLife } from '../../device-sim/swarm/make/make-life.ts';
import { runLife } from '../../device-sim/swarm/run-life.ts';

const HOURS = 2;
const SEEDS = [1, 2, 3, 4] as const;

test.each(SEEDS)('every promise holds in the life of seed %i', (seed) => {
  const { broken } = runLife(makeLife(seed, HOURS));
  expect(broken).toEqual([]);
});

test('the same seed gives the same life and the same history, on every version of Node', () => {
  const hashes = [11, 12].map((seed) => runLife(makeLife(seed, HOURS)).hash);
  expect(runLife(makeLife(11, HOURS)).hash).toBe(hashes[0]);
  // Each change of the gateway or of the lives changes them: renew them with `npx vitest run -u`.
  expect(hashes).toMatchInlineSnapshot(`
    [
      "5c90c1ac9cad7490",
      "d1140ff81324b7c8",
    ]
  `);
});
