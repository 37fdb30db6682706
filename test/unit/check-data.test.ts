import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dataFaults, diskWarnings } from '../../gateway/cli/check-data.ts';

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-check-data-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

test('a data directory that is a file is one fault, and not another one for the journal below it', () => {
  const data = join(place(), 'data');
  writeFileSync(data, '');
  expect(dataFaults(data, [join(data, 'journal')])).toEqual([
    expect.stringMatching(/data can't be written: a file is in/),
  ]);
});

test('one cause that holds for the data directory and for its journal is told once, and names both', () => {
  // No user can make a file there, not even root.
  expect(dataFaults('/sys', ['/sys/kernel'])).toEqual([
    expect.stringMatching(/^\/sys and \/sys\/kernel can't be written: .* \(E[A-Z]+\)$/),
  ]);
});

test('a second journal directory with a fault of its own is told by itself, and nothing is left behind', () => {
  const root = place();
  writeFileSync(join(root, 'second'), '');
  const faults = dataFaults(join(root, 'data'), [join(root, 'data', 'journal'), join(root, 'second')]);
  expect(faults).toEqual([expect.stringContaining(`${join(root, 'second')} can't be written`)]);
  expect(readdirSync(root)).toEqual(['second']);
});

test('a journal that may grow beyond its disk is named with a size that fits', () => {
  const gigabyte = 1024 * 1024 * 1024;
  expect(diskWarnings(['/data/journal'], 2048, () => gigabyte)).toEqual([
    'the disk of /data/journal has 1024 MiB, and the journal may keep 2048 MiB: write a retainMegabytes that leaves room, such as 512',
  ]);
  expect(diskWarnings(['/data/journal'], 512, () => gigabyte)).toEqual([]);
  // Of a disk that can't be looked at, nothing is said.
  expect(diskWarnings(['/data/journal'], 2048, () => 0)).toEqual([]);
  expect(diskWarnings(['/dev/null/none/journal'], 2048, () => gigabyte)).toHaveLength(1);
});
