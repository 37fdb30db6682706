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
  // Without /a nobody can know that it was settled: it is owed again, and carried on.
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
