import { expect, test } from 'vitest';
import { AGE_DELETE_MS } from '../../../gateway/journal/retention.ts';
import { error, MemoryDisk, Rig, range } from './memory-files.ts';

const padding = 'x'.repeat(600);

test('the oldest segments go while all together are too large, and a held one stops it', () => {
  const rig = new Rig(new MemoryDisk(), { retainBytes: 12_000 });
  for (const mark of range(1, 10)) rig.append(mark, {}, padding);
  rig.append(11, { holds: 'open' }, padding);
  for (const mark of range(12, 60)) rig.append(mark, {}, padding);
  const before = rig.disk.segments();
  rig.pass(60_000);
  const kept = rig.disk.segments();
  expect(kept.length).toBeLessThan(before.length);
  expect(new Rig(rig.disk.afterCrash()).recovered.sessions).toEqual(range(11, 60));
  rig.append(61, { releases: 'open' }, padding);
  rig.pass(60_000);
  expect(rig.disk.used()).toBeLessThan(13_000);
});

test('segments that could not be deleted are tried again, and newer ones neither wait for them nor go in their place', () => {
  const rig = new Rig(new MemoryDisk(), { retainBytes: 12_000 });
  const stuck: string[] = [];
  rig.disk.fault = (operation, path) => {
    if (operation !== 'unlink' || (stuck.length >= 3 && !stuck.includes(path))) return undefined;
    if (!stuck.includes(path)) stuck.push(path);
    return error('EBUSY');
  };
  for (const mark of range(1, 60)) rig.append(mark, {}, padding);
  rig.pass(120_000);
  expect(stuck).toHaveLength(3);
  for (const path of stuck) expect([...rig.disk.files.keys()]).toContain(path);
  expect(rig.details).toContainEqual(expect.stringContaining('EBUSY'));
  const [room, left] = [
    12_000,
    rig.disk.used() - stuck.reduce((sum, path) => sum + (rig.disk.files.get(path)?.length ?? 0), 0),
  ];
  expect(left).toBeGreaterThan(room / 2);
  expect(left).toBeLessThan(room + 1_000);
  rig.disk.fault = () => undefined;
  rig.pass(60_000);
  for (const path of stuck) expect([...rig.disk.files.keys()]).not.toContain(path);
});

test.each(['other inodes', 'the same inodes'])(
  'a disk that is mounted over a directory keeps its segments of the same names: %s',
  (inodes) => {
    const disk = new MemoryDisk();
    disk.fault = (operation, path) => (operation === 'create' && path.startsWith('/a/') ? error('EIO') : undefined);
    const rig = new Rig(disk, { directories: ['/a', '/b'], retainBytes: 12_000 });
    for (const mark of range(1, 10)) rig.append(mark, {}, padding);
    disk.fault = () => undefined;
    rig.pass(61_000);
    const names = disk.segments('/b');
    expect(names.length).toBeGreaterThan(1);
    // Nothing in /b is needed, so nobody looks there.
    if (inodes === 'the same inodes') disk.mounts.set('/b', 7n);
    else disk.move('/b', '/elsewhere');
    for (const path of names) disk.files.set(path, Buffer.from('of another journal'));
    for (const mark of range(11, 80)) rig.append(mark, {}, padding);
    rig.pass(300_000);
    for (const path of names) expect(disk.files.get(path)?.toString()).toBe('of another journal');
    expect(rig.details).toContainEqual(expect.stringContaining('another disk is mounted there'));
  },
);

test('segments past their age go, one an hour, so that a wrong clock cannot empty the journal', () => {
  const rig = new Rig(new MemoryDisk(), { retainMs: 1_000_000 });
  for (const mark of range(1, 30)) rig.append(mark, {}, padding);
  const before = rig.disk.segments().length;
  rig.disk.wallMs += 500_000;
  rig.pass(5_000);
  expect(rig.disk.segments()).toHaveLength(before);
  rig.disk.wallMs += 1_000_000;
  rig.pass(60_000);
  expect(rig.disk.segments()).toHaveLength(before - 1);
  rig.pass(AGE_DELETE_MS);
  expect(rig.disk.segments()).toHaveLength(before - 2);
});

test('the segment being written is never deleted, however small the limit', () => {
  const rig = new Rig(new MemoryDisk(), { retainBytes: 0, retainMs: 0 });
  rig.append(1, {});
  rig.disk.wallMs += 1e12;
  rig.pass(10_000);
  rig.append(2, {});
  expect(rig.durable).toEqual([1, 2]);
  expect(rig.disk.segments()).toHaveLength(1);
});

test('keys held across restarts keep their segment through any number of runs', () => {
  let disk = new MemoryDisk();
  for (const run of range(1, 6)) {
    const rig = new Rig(disk, { retainBytes: 1_000 });
    if (run === 1) rig.append(1, { holds: 'open' }, padding);
    for (const mark of range(run * 100, run * 100 + 20)) rig.append(mark, {}, padding);
    rig.pass(100_000);
    disk = rig.disk.afterCrash();
  }
  expect(new Rig(disk).recovered.sessions[0]).toBe(1);
});
