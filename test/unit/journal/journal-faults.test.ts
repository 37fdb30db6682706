import { expect, test } from 'vitest';
import { CALM_MS } from '../../../gateway/journal/engine-health.ts';
import { RETRY_MS } from '../../../gateway/journal/spare-segment.ts';
import { error, MemoryDisk, Rig, range } from './memory-files.ts';

const TWO = { directories: ['/a', '/b'] };
const padding = 'x'.repeat(600);

function isSegment(path: string): boolean {
  return path.includes('/journal-0');
}

test('an I/O error on write: the file is given up, and nothing of it is lost or written there again', () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk, TWO);
  rig.append(1);
  let fails = 1;
  disk.fault = (operation, path) =>
    operation === 'write' && isSegment(path) && fails-- > 0 ? error('EIO') : undefined;
  rig.append(2);
  rig.append(3);
  expect(rig.durable).toEqual([1, 2, 3]);
  expect(rig.health).toEqual(['degraded']);
  expect(rig.details[0]).toContain('EIO');
  expect(disk.segments()).toEqual(['/a/journal-000001.cpj.failed', '/a/journal-000002.cpj']);
  const failedAt = disk.operations.findIndex((each) => each.startsWith('rename'));
  expect(disk.operations.slice(failedAt).filter((each) => each === 'write /a/journal-000001.cpj')).toEqual([]);
  expect(new Rig(disk.afterCrash(), TWO).recovered).toEqual({ sessions: [1, 2, 3], damaged: 0, detail: '' });
});

test('a write that fails after it reached the medium does not double the record', () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk);
  rig.append(1);
  let fails = 1;
  disk.fault = (operation, path, length) => {
    if (operation !== 'write' || !isSegment(path) || fails-- <= 0) return undefined;
    const bytes = disk.files.get(path) ?? Buffer.alloc(0);
    // What the engine is about to write next to the same place, put there before the error is told.
    disk.files.set(path, Buffer.concat([bytes, lastLine(length)]));
    return error('EIO');
  };
  const lastLine = (length: number): Buffer => {
    const twin = new Rig(new MemoryDisk());
    twin.append(1);
    twin.append(2);
    const bytes = twin.disk.files.get('/a/journal-000001.cpj') ?? Buffer.alloc(0);
    return bytes.subarray(bytes.length - length);
  };
  rig.append(2);
  rig.append(3);
  expect(rig.durable).toEqual([1, 2, 3]);
  expect(new Rig(disk.afterCrash()).recovered.sessions).toEqual([1, 2, 3]);
});

test('a directory that can be written no more: the second one takes over, in order, without a gap', () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk, TWO);
  rig.append(1);
  disk.fault = (operation, path) =>
    path.startsWith('/a') && operation !== 'read' && operation !== 'list' && operation !== 'stat'
      ? error('EROFS')
      : undefined;
  for (const mark of range(2, 30)) rig.append(mark, undefined, padding);
  expect(rig.durable).toEqual(range(1, 30));
  expect(rig.health).toContain('degraded');
  expect(rig.health).not.toContain('failed');
  expect(new Rig(disk.afterCrash(), TWO).recovered.sessions).toEqual(range(1, 30));
});

test('the first directory is taken again once it can be written, and the journal is called well after a quiet time', () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk, TWO);
  disk.fault = (operation, path) => (operation === 'write' && path.startsWith('/a/journal') ? error('EIO') : undefined);
  rig.append(1);
  disk.fault = () => undefined;
  rig.pass(RETRY_MS + CALM_MS + 2_000);
  rig.append(2);
  expect(disk.segments('/a').at(-1)).toMatch(/00000\d\.cpj$/);
  expect(rig.health.at(-1)).toBe('ok');
  expect(new Rig(disk.afterCrash(), TWO).recovered.sessions).toEqual([1, 2]);
});

test('when nothing can be written the records wait, nothing is called durable, and writing is tried every second', () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk, TWO);
  rig.append(1);
  disk.fault = (operation) => (operation === 'write' || operation === 'create' ? error('EIO') : undefined);
  rig.appendAll(range(2, 20));
  rig.pass(30_000);
  expect(rig.durable).toEqual([1]);
  expect(rig.health.at(-1)).toBe('failed');
  expect(rig.engine.isWaiting).toBe(true);
  expect(rig.health.filter((state) => state === 'failed')).toHaveLength(1);
  disk.fault = () => undefined;
  rig.pass(1_000);
  expect(rig.durable.at(-1)).toBe(20);
  expect(rig.health.at(-1)).toBe('ok');
  expect(rig.engine.isWaiting).toBe(false);
  expect(new Rig(disk.afterCrash(), TWO).recovered.sessions).toEqual(range(1, 20));
});

test('a write that fails with no room for another file is one failure, and not a degraded journal first', () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk);
  rig.append(1);
  disk.fault = (operation) => (operation === 'write' || operation === 'create' ? error('EIO') : undefined);
  rig.append(2);
  expect(rig.health).toEqual(['failed']);
  expect(rig.details[0]).toContain('/a/journal-000001.cpj given up: EIO');
});

test('trying for a long time in vain leaves no heap of files behind', () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk);
  rig.append(1);
  disk.fault = (operation, path) => (operation === 'write' && isSegment(path) ? error('EIO') : undefined);
  rig.append(2);
  rig.pass(900_000);
  expect(disk.files.size).toBeLessThan(5);
});

test('a directory that can be neither made nor listed at the start is reported, and the second one is used', () => {
  const disk = new MemoryDisk();
  disk.fault = (operation, path) =>
    operation === 'makeDirectory' && path === '/a' ? error('EACCES', path) : undefined;
  const rig = new Rig(disk, TWO);
  rig.append(1);
  expect(rig.durable).toEqual([1]);
  expect(rig.health).toEqual(['degraded']);
  expect(rig.details[0]).toContain('EACCES: /a');
});

test('with no directory at all the gateway is told once, with each cause once, and is served once there is one', () => {
  const disk = new MemoryDisk();
  disk.fault = (operation, path) =>
    operation === 'makeDirectory' ? error(path === '/a' ? 'EIO' : 'EACCES', path) : undefined;
  const rig = new Rig(disk, TWO);
  expect(rig.health).toEqual(['failed']);
  expect(rig.details).toEqual(['EIO: /a; EACCES: /b']);
  expect(rig.unread).toEqual(['EIO: /a', 'EACCES: /b']);
  rig.append(1);
  expect(rig.durable).toEqual([]);
  disk.fault = () => undefined;
  rig.pass(1_000);
  expect(rig.durable).toEqual([1]);
  expect(rig.health.at(-1)).toBe('ok');
});

test('a segment that can not be read is told as not read, beside the ones that can; a directory that is only not written is read', () => {
  const disk = new MemoryDisk();
  const first = new Rig(disk);
  for (const mark of range(1, 10)) first.append(mark, undefined, padding);
  expect(first.unread).toEqual([]);
  const secret = disk.afterCrash();
  secret.fault = (operation, path) =>
    operation === 'read' && path === secret.segments().at(-1) ? error('EACCES', path) : undefined;
  expect(new Rig(secret).unread).toEqual([expect.stringContaining('EACCES')]);
  const readOnly = disk.afterCrash();
  readOnly.fault = (operation) => (['create', 'write', 'openWrite'].includes(operation) ? error('EROFS') : undefined);
  const rig = new Rig(readOnly);
  expect(rig.health).toEqual(['failed']);
  expect(rig.unread).toEqual([]);
  expect(rig.recovered.sessions).toEqual(range(1, 10));
});

test('a journal that becomes readable only after the start keeps its numbers and what it holds', () => {
  const disk = new MemoryDisk();
  const first = new Rig(disk);
  for (const mark of range(1, 10)) first.append(mark, undefined, padding);
  const after = disk.afterCrash();
  after.fault = (operation) => (operation === 'list' ? error('EIO') : undefined);
  const late = new Rig(after);
  expect(late.health.at(-1)).toBe('failed');
  after.fault = () => undefined;
  late.append(11, {});
  late.pass(1_000);
  expect(late.durable).toEqual([1]);
  expect(new Rig(after.afterCrash()).recovered).toEqual({ sessions: range(1, 11), damaged: 0, detail: '' });
});

test('a failing fsync of the directory leads to the next directory, and the unsafe file is taken away', () => {
  const disk = new MemoryDisk();
  disk.fault = (operation, path) => (operation === 'syncDirectory' && path === '/a' ? error('EIO') : undefined);
  const rig = new Rig(disk, TWO);
  rig.append(1);
  expect(rig.durable).toEqual([1]);
  expect(disk.segments('/a')).toEqual([]);
  expect(disk.segments('/b')).toHaveLength(1);
});

test('a write cut short by the system is continued, and one that makes no progress is an error', () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk, TWO);
  disk.fault = (operation, path, length) =>
    operation === 'write' && isSegment(path) ? Math.max(1, Math.floor(length / 3)) : undefined;
  for (const mark of range(1, 5)) rig.append(mark);
  expect(rig.health).toEqual([]);
  disk.fault = (operation, path) => (operation === 'write' && path.startsWith('/a/journal') ? 0 : undefined);
  rig.append(6);
  expect(rig.durable).toEqual(range(1, 6));
  expect(rig.details[0]).toContain('no progress');
  expect(new Rig(disk.afterCrash(), TWO).recovered.sessions).toEqual(range(1, 6));
});

test('a full disk: the oldest segments that hold nothing go, and no held record', () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk);
  disk.capacity = 20_000;
  for (const mark of range(1, 20)) rig.append(mark, {}, padding);
  rig.append(21, { holds: 'open' }, padding);
  for (const mark of range(22, 25)) rig.append(mark, {}, padding);
  for (const mark of range(26, 60)) rig.append(mark, { holds: 'latest' }, padding);
  expect(rig.details.some((detail) => detail.includes('deleted before its time'))).toBe(true);
  expect(rig.durable.length).toBeGreaterThan(30);
  expect(rig.health.at(-1)).toBe('failed');
  expect(rig.engine.isWaiting).toBe(true);
  const { sessions } = new Rig(disk.afterCrash()).recovered;
  expect(sessions).toContain(21);
  expect(sessions).toContain(rig.durable.length);
  disk.capacity = 100_000;
  rig.pass(1_000);
  expect(rig.durable.at(-1)).toBe(60);
  expect(rig.health.at(-1)).toBe('ok');
});

test('a full disk with a second directory: nothing is deleted before its time', () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk, TWO);
  for (const mark of range(1, 20)) rig.append(mark, {}, padding);
  const before = disk.segments('/a');
  disk.fault = (operation, path) => (operation === 'write' && path.startsWith('/a') ? error('ENOSPC') : undefined);
  for (const mark of range(21, 40)) rig.append(mark, {}, padding);
  expect(rig.durable).toEqual(range(1, 40));
  expect(disk.segments('/a').length).toBeGreaterThanOrEqual(before.length);
  expect(disk.segments('/b').length).toBeGreaterThan(3);
});

test('room that can not be prepared is told before it is needed, and what was prepared is used', () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk, { segmentBytes: 16_384 });
  rig.append(1, undefined, padding);
  rig.workAll();
  disk.capacity = disk.used() + 1_000;
  for (const mark of range(2, 8)) rig.append(mark, undefined, padding);
  rig.workAll();
  expect(rig.health).toEqual(['degraded']);
  expect(rig.details[0]).toContain('no room prepared');
  expect(rig.durable).toEqual(range(1, 8));
});

test('changing to a prepared segment costs no file to be created at that moment', () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk);
  for (const mark of range(1, 4)) {
    rig.append(mark, undefined, padding);
    rig.workAll();
  }
  disk.operations.length = 0;
  rig.append(5, undefined, padding);
  rig.append(6, undefined, padding);
  expect(disk.operations.filter((each) => each.startsWith('write')).at(-1)).toBe('write /a/journal-000002.cpj');
  expect(disk.operations.some((each) => each.startsWith('create'))).toBe(false);
});

test('a record larger than a segment is kept all the same', () => {
  const rig = new Rig();
  rig.append(1);
  rig.append(2, {}, 'y'.repeat(10_000));
  rig.append(3);
  expect(rig.durable).toEqual([1, 2, 3]);
  expect(new Rig(rig.disk.afterCrash()).recovered.sessions).toEqual([1, 2, 3]);
});

test('in a storm the first records are called durable before the last ones are written', () => {
  const rig = new Rig(new MemoryDisk(), { segmentBytes: 4_000_000 });
  rig.appendAll(range(1, 1_000), undefined, padding);
  expect(rig.durable.length).toBeGreaterThan(1);
  expect(rig.durable.at(-1)).toBe(1_000);
  expect([...rig.durable].sort((a, b) => a - b)).toEqual(rig.durable);
});
