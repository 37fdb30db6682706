import { expect, test } from 'vitest';
import { error, MemoryDisk, Rig, range } from './memory-files.ts';

const SETTINGS = { directories: ['/a', '/b'], segmentBytes: 2_048 };

/** The report is over; `number`: the next of this run. */
function settle(rig: Rig, report: number, number: number): void {
  const record = { t: 'settled', at: 1, report: String(report) };
  const releases = `report:${report}`;
  rig.engine.commit([{ number, json: JSON.stringify({ record, releases }) }]);
}

function shut(disk: MemoryDisk, directory: string): MemoryDisk {
  disk.fault = (_operation, path) =>
    path === directory || path.startsWith(`${directory}/`) ? error('EIO') : undefined;
  return disk;
}

test('what was settled in a directory that was away for whole runs does not come back with it', () => {
  // Made in /b while /a was away, and settled in /a.
  const first = new Rig(shut(new MemoryDisk(), '/a'), SETTINGS);
  first.append(1, { holds: 'report:1' });
  first.append(2, { holds: 'report:2' });
  first.disk.fault = () => undefined;
  first.pass(120_000);
  settle(first, 1, 3);
  let disk = shut(first.disk.afterCrash(), '/a');
  // Without /a it is unknown that the report was settled: it is pending again, and carried on.
  const without = new Rig(disk, SETTINGS);
  expect(without.recovered.sessions).toEqual([1, 2]);
  for (const mark of range(3, 40)) without.append(mark, { holds: `report:${mark}` }, 'x'.repeat(100));
  without.workAll();
  disk = without.disk.afterCrash();
  for (let start = 0; start < 3; start += 1) {
    const rig = new Rig(disk, SETTINGS);
    expect(rig.recovered.sessions.toSorted((a, b) => a - b)).toEqual(range(2, 40));
    rig.append(2, { holds: 'report:2' });
    rig.workAll();
    disk = rig.disk.afterCrash();
  }
});

test('a segment that can not be read for a whole run is waited for: what it holds is there once it can be read', () => {
  const first = new Rig(new MemoryDisk(), SETTINGS);
  first.append(1, { holds: 'report:1' }, 'x'.repeat(1_800));
  for (const mark of range(2, 12)) first.append(mark, { holds: `report:${mark}` }, 'x'.repeat(300));
  const disk = first.disk.afterCrash();
  const oldest = disk.segments().find((path) => disk.files.get(path)?.includes('"id":"1"'));
  disk.fault = (operation, path) => (path === oldest && operation.startsWith('read') ? error('EIO') : undefined);
  const without = new Rig(disk, SETTINGS);
  expect(without.unread).toEqual([expect.stringContaining('EIO')]);
  expect(without.recovered.sessions).toEqual(range(2, 12));
  expect(without.recovered.detail).toContain('report:1');
  // What still matters is carried on, more than once.
  for (let turn = 0; turn < 40; turn += 1) {
    without.append(2, { holds: 'report:2' }, 'x'.repeat(300));
    without.workAll();
  }
  without.pass(60_000);
  const again = without.disk.afterCrash();
  expect(new Rig(again, SETTINGS).recovered.sessions.toSorted((a, b) => a - b)).toEqual(range(1, 12));
});

test('a segment that can never be read keeps no newer one from being deleted', () => {
  const first = new Rig(new MemoryDisk(), SETTINGS);
  first.append(1, { holds: 'report:1' }, 'x'.repeat(1_800));
  first.append(2, {}, 'x'.repeat(1_800));
  const disk = first.disk.afterCrash();
  const oldest = disk.segments().find((path) => disk.files.get(path)?.includes('"id":"1"'));
  disk.fault = (operation, path) => (path === oldest && operation.startsWith('read') ? error('EIO') : undefined);
  const without = new Rig(disk, { ...SETTINGS, retainBytes: 12_000 });
  for (let turn = 0; turn < 100; turn += 1) {
    without.append(3, { holds: 'report:3' }, 'x'.repeat(300));
    without.workAll();
  }
  without.pass(60_000);
  expect(without.disk.used()).toBeLessThan(16_000);
});
