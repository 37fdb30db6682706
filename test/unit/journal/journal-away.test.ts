import { expect, test } from 'vitest';
import { error, MemoryDisk, Rig, range } from './memory-files.ts';

const SETTINGS = { directories: ['/a', '/b'], segmentBytes: 2_048 };
const { JOURNAL_RUNS = '60' } = process.env;
/** More by hand: JOURNAL_RUNS=5000. */
const SEEDS = Number(JOURNAL_RUNS);

/** Runs that each have one directory that can't be opened, or none: at first, or all the time. */
function missingAfter(seed: number): { missing: number[]; written: number; shutRuns: number } {
  let dice = seed * 7_919 + 1;
  const roll = (sides: number): number => {
    dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(dice / 65_536) % sides;
  };
  const settings = { ...SETTINGS, segmentBytes: 1_024 * (1 + roll(4)) };
  let disk = new MemoryDisk();
  const durable: number[] = [];
  let mark = 0;
  let shutRuns = 0;
  for (let run = 0; run < 5; run += 1) {
    const shut = roll(3) === 0 ? (roll(2) === 0 ? '/a' : '/b') : undefined;
    if (shut !== undefined) {
      shutRuns += 1;
      disk.fault = (_operation, path) => (path === shut || path.startsWith(`${shut}/`) ? error('EIO') : undefined);
    }
    const rig = new Rig(disk, settings);
    const first = mark;
    const openAt = roll(2) === 0 ? roll(12) : undefined;
    for (let n = 1 + roll(12); n > 0; n -= 1) {
      if (n === openAt) disk.fault = () => undefined;
      mark += 1;
      rig.append(mark, { holds: `report:${mark}` }, 'x'.repeat(roll(300)));
      if (roll(3) === 0) rig.pass(1_000 * (1 + roll(70)));
      if (roll(3) === 0) rig.workAll();
    }
    if (roll(2) === 0) rig.workAll();
    for (let m = first + 1; m <= first + (rig.durable.at(-1) ?? 0); m += 1) durable.push(m);
    disk = disk.afterCrash();
  }
  const found = new Set(new Rig(disk, settings).recovered.sessions);
  return { missing: durable.filter((each) => !found.has(each)), written: durable.length, shutRuns };
}

test('whichever directory can be opened late or not at all, for whole runs: what was called durable is recovered', () => {
  let shutRuns = 0;
  const lost: { seed: number; missing: number[] }[] = [];
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const { missing, shutRuns: shut } = missingAfter(seed);
    if (missing.length > 0) lost.push({ seed, missing });
    shutRuns += shut;
  }
  expect(lost).toEqual([]);
  expect(shutRuns).toBeGreaterThan(SEEDS);
});

test('a journal begun without a directory does not stand for it: what that holds is taken up at the next start, and at each after it', () => {
  const before = new Rig(new MemoryDisk(), SETTINGS);
  before.append(1, { holds: 'report:1' });
  const shut = before.disk.afterCrash();
  shut.fault = (_operation, path) => (path === '/a' || path.startsWith('/a/') ? error('EIO') : undefined);
  const without = new Rig(shut, SETTINGS);
  for (const mark of range(2, 30)) without.append(mark, { holds: `report:${mark}` }, 'x'.repeat(100));
  without.workAll();
  expect(without.recovered.sessions).toEqual([]);
  let disk = shut.afterCrash();
  for (let start = 0; start < 3; start += 1) {
    const rig = new Rig(disk, SETTINGS);
    expect(rig.recovered.sessions.toSorted((a, b) => a - b)).toEqual(range(1, 30));
    expect(rig.recovered.detail).toBe('');
    rig.workAll();
    disk = disk.afterCrash();
  }
});
