import { expect, test } from 'vitest';
import { OwnHealth } from '../../../gateway/core/troubles/own-health.ts';
import { DoorRig } from './door-rig.ts';

/** Longer than the time for which a flapping trouble must be gone. */
const CALM_MS = 61_000;

function rig() {
  const world = new DoorRig([]);
  const health = new OwnHealth(world.troubles);
  return { health, run: (ms: number) => world.run(ms), texts: () => world.reports.map(({ text }) => text) };
}

test('the restoral of the log says how many lines were lost', () => {
  const { health, texts } = rig();
  health.log('failed', 'a write fails with ENOSPC');
  health.log('ok', '', 12);
  expect(texts().at(-1)).toBe('Restored: Log cannot be written: a write fails with ENOSPC; lines lost: 12');
});

test('a restoral that flapping delays tells the lines of every failure since the trouble was raised', () => {
  const { health, run, texts } = rig();
  const fails = (lost: number) => {
    health.log('failed', 'a write fails with EIO');
    health.log('ok', '', lost);
    run(1_000);
  };
  fails(1);
  expect(texts()).toHaveLength(2);
  fails(20);
  fails(300);
  fails(0);
  expect(texts()).toHaveLength(3);
  run(CALM_MS);
  expect(texts().slice(3)).toEqual(['Restored: Log cannot be written: a write fails with EIO; lines lost: 320']);
  run(CALM_MS);
  fails(0);
  expect(texts().at(-1)).toBe('Restored: Log cannot be written: a write fails with EIO');
});
