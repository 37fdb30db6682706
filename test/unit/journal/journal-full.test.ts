import { describe, expect, test } from 'vitest';
import { takeDirectory } from '../../../gateway/journal/directory-lock.ts';
import { error, MemoryDisk, OWNER, Rig, range } from './memory-files.ts';

describe.each(['ENOSPC', 'EDQUOT'])(
  'no more room (%s): a full disk and a quota that is used up are the same',
  (code) => {
    /** Takes so many bytes and no more. */
    function fill(disk: MemoryDisk, most: number): void {
      disk.fault = (operation, _path, length) =>
        operation === 'write' && disk.used() + length > most ? error(code) : undefined;
    }

    test('the oldest segments go before their time, and new records are kept', () => {
      const rig = new Rig();
      for (const mark of range(1, 30)) rig.append(mark, {}, 'x'.repeat(900));
      const before = rig.disk.segments().length;
      fill(rig.disk, rig.disk.used() + 1_000);
      for (const mark of range(31, 40)) rig.append(mark, {}, 'x'.repeat(900));
      expect(rig.durable.at(-1)).toBe(40);
      expect(rig.disk.segments().length).toBeLessThanOrEqual(before);
      expect(rig.details.some((detail) => detail.includes('is full: journal-000001.cpj was deleted'))).toBe(true);
    });

    test('does not keep a directory from being taken', () => {
      const disk = new MemoryDisk();
      fill(disk, 0);
      expect(takeDirectory(disk, '/a', OWNER)).toBeUndefined();
    });
  },
);

test.each(['EROFS', 'EIO', 'EACCES'])(
  '%s is no lack of room: nothing is deleted, and all is kept until it can be written',
  (code) => {
    const rig = new Rig();
    for (const mark of range(1, 30)) rig.append(mark, {}, 'x'.repeat(900));
    const before = rig.disk.segments();
    const cannot = ['write', 'create', 'rename', 'unlink'];
    rig.disk.fault = (operation) => (cannot.includes(operation) ? error(code) : undefined);
    rig.append(31);
    rig.pass(60_000);
    expect(rig.health.at(-1)).toBe('failed');
    expect(rig.details.at(-1)).toContain(code);
    expect(rig.disk.segments()).toEqual(before);
    rig.disk.fault = () => undefined;
    rig.pass(1_000);
    expect(rig.durable.at(-1)).toBe(31);
  },
);
