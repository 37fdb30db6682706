import { expect, test } from 'vitest';
import { makeLife } from '../../device-sim/swarm/make/make-life.ts';
import { runLife } from '../../device-sim/swarm/run-life.ts';
import { swarmCommand } from '../../device-sim/swarm/swarm-command.ts';

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
      "91854f169fd2e17a",
      "f034f99bb0fb29d5",
    ]
  `);
});

test('with --all-states a run fails whose lives reach too little, although every promise holds', async () => {
  const run = { seed: 1, seeds: 1, hours: HOURS, jobs: 1, twice: false };
  const lines: string[] = [];
  const terminal = { out: (line: string) => lines.push(line), live: () => undefined };
  const { signal } = new AbortController();
  expect(await swarmCommand(run, terminal, signal)).toBe(true);
  expect(await swarmCommand({ ...run, allStates: true }, terminal, signal)).toBe(false);
  expect(lines.some((line) => line.startsWith('NEVER '))).toBe(true);
});
