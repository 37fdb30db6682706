import { expect, test } from 'vitest';
import { error, MemoryDisk, Rig, range } from './memory-files.ts';

/**
 * `/a` is deleted, moved or unmounted: its name leads to none of its files, and open files stay
 * open.
 */
function lose(rig: Rig): void {
  rig.disk.move('/a', '/elsewhere');
}

/** Sessions a restart finds. */
function found(disk: MemoryDisk, directories = ['/a']): number[] {
  return new Rig(disk.afterCrash(), { directories }).recovered.sessions;
}

test('no record is called durable that sits in a file without a name: it goes to the directory made anew, at once', () => {
  const rig = new Rig();
  rig.append(1);
  lose(rig);
  rig.append(2);
  expect(rig.durable).toEqual([1, 2]);
  expect(found(rig.disk)).toEqual([1, 2]);
  expect(rig.health).toEqual(['degraded']);
  expect(rig.details[0]).toContain('/a: deleted, moved or unmounted while the gateway runs');
});

test('what was durable before is durable again within a second, without a new record', () => {
  const rig = new Rig();
  rig.append(1);
  rig.append(2);
  lose(rig);
  expect(found(rig.disk)).toEqual([]);
  rig.pass(1_000);
  expect(found(rig.disk)).toEqual([1, 2]);
  expect(rig.durable).toEqual([1, 2]);
  expect(rig.health).toEqual(['degraded']);
});

test('what is open since an earlier run and over many segments is written again, in its order', () => {
  const before = new Rig();
  before.append(1, {});
  before.append(2, { holds: 'alert' });
  before.engine.close();
  const rig = new Rig(before.disk);
  for (const mark of range(3, 40)) rig.append(mark, {}, 'x'.repeat(400));
  rig.workAll();
  expect(rig.disk.segments().length).toBeGreaterThan(4);
  lose(rig);
  rig.pass(1_000);
  const again = new Rig(rig.disk.afterCrash());
  expect(again.recovered.sessions).toEqual(range(1, 40));
  expect(rig.disk.openIn('/elsewhere')).toBe(0);
});

test('records of a directory that could not be written down again for a while come before the newer ones', () => {
  const rig = new Rig();
  rig.append(1);
  lose(rig);
  rig.disk.fault = (operation) => (operation === 'create' ? error('EROFS') : undefined);
  rig.append(2);
  rig.append(3);
  expect(rig.durable).toEqual([1]);
  expect(rig.health.at(-1)).toBe('failed');
  rig.disk.fault = () => undefined;
  rig.pass(1_000);
  expect(rig.durable).toEqual([1, 3]);
  expect(found(rig.disk)).toEqual([1, 2, 3]);
});

test('that a directory was lost while nothing could be written is told once something can', () => {
  const rig = new Rig();
  rig.append(1);
  rig.disk.fault = (operation) => (operation === 'write' || operation === 'create' ? error('ENOSPC') : undefined);
  rig.append(2);
  expect(rig.health.at(-1)).toBe('failed');
  lose(rig);
  rig.pass(1_000);
  rig.disk.fault = () => undefined;
  rig.pass(1_000);
  expect(rig.health.at(-1)).toBe('degraded');
  expect(rig.details.at(-1)).toContain('deleted, moved or unmounted while the gateway runs');
  expect(found(rig.disk)).toEqual([1, 2]);
});

test('a directory lost again while its records are being written again costs none', () => {
  const rig = new Rig();
  for (const mark of range(1, 8)) rig.append(mark, undefined, 'x'.repeat(900));
  lose(rig);
  let writes = 0;
  rig.disk.fault = (operation, path) => {
    if (operation === 'write' && path.startsWith('/a/journal-') && ++writes === 2) rig.disk.move('/a', '/elsewhere2');
    return undefined;
  };
  rig.pass(2_000);
  expect(writes).toBeGreaterThan(2);
  expect([...new Set(found(rig.disk))]).toEqual(range(1, 8));
});

test('unmounted: the second directory has all; mounted again: the first one is written to, and both together are whole', () => {
  const disk = new MemoryDisk();
  disk.mounts.set('/a', 7n);
  const rig = new Rig(disk, { directories: ['/a', '/b'] });
  rig.append(1);
  lose(rig);
  disk.mounts.delete('/a');
  rig.append(2);
  rig.pass(700_000);
  expect(found(disk, ['/b'])).toEqual([1, 2]);
  expect(disk.segments('/a')).toEqual([]);
  expect(rig.health).toEqual(['degraded', 'degraded']);
  expect(rig.details.at(-1)).toBe('/a is not there: its disk is not mounted');

  disk.mounts.set('/a', 7n);
  disk.move('/elsewhere', '/a');
  rig.pass(60_000);
  rig.append(3);
  expect(disk.segments('/a').length).toBeGreaterThan(1);
  expect(new Set(found(disk, ['/a', '/b']))).toEqual(new Set([1, 2, 3]));
  rig.pass(600_000);
  expect(rig.health.at(-1)).toBe('ok');
});

test('a single directory is made anew on what is left; it is not called well until its disk is back, and then has all', () => {
  const disk = new MemoryDisk();
  disk.mounts.set('/a', 7n);
  const rig = new Rig(disk);
  rig.append(1);
  lose(rig);
  disk.mounts.delete('/a');
  rig.append(2);
  expect(found(disk)).toEqual([1, 2]);
  rig.pass(1_200_000);
  expect(rig.health).toEqual(['degraded']);

  disk.move('/a', '/under-the-mount');
  disk.mounts.set('/a', 7n);
  disk.move('/elsewhere', '/a');
  rig.append(3);
  expect(rig.durable).toEqual([1, 2, 3]);
  expect(new Set(found(disk))).toEqual(new Set([1, 2, 3]));
  rig.pass(700_000);
  expect(rig.health.at(-1)).toBe('ok');
});

test('what a directory that can only be read holds is taken up at the start', () => {
  const before = new Rig();
  before.append(1);
  before.engine.close();
  before.disk.fault = (operation) => (operation === 'create' ? error('EROFS') : undefined);
  const rig = new Rig(before.disk);
  expect(rig.recovered.sessions).toEqual([1]);
  expect(rig.health).toEqual(['failed']);
  rig.append(2);
  before.disk.fault = () => undefined;
  rig.pass(1_000);
  expect(rig.durable).toEqual([1]);
  expect(found(rig.disk)).toEqual([1, 2]);
});

/**
 * Ten records of 300 bytes in `/a`, which is lost; the power goes while they are written again to
 * `/b`.
 */
function cutWhileWrittenAgain(segmentBytes: number): { whole: MemoryDisk; crashes: MemoryDisk[] } {
  const settings = { directories: ['/a', '/b'], segmentBytes };
  const rig = new Rig(new MemoryDisk(), settings);
  for (const mark of range(1, 10)) rig.append(mark, { holds: `report:${mark}` }, 'x'.repeat(300));
  lose(rig);
  const crashes: MemoryDisk[] = [];
  rig.disk.fault = (operation, path) => {
    if (operation === 'write' && path.startsWith('/b')) crashes.push(rig.disk.afterCrash());
    return undefined;
  };
  rig.pass(1_000);
  rig.disk.fault = () => undefined;
  return { whole: rig.disk, crashes };
}

test('a power cut tears what is written again of a lost directory: it does not stand for what it lacks', () => {
  const settings = { directories: ['/a', '/b'], segmentBytes: 16_384 };
  const { whole } = cutWhileWrittenAgain(settings.segmentBytes);
  const [path = ''] = whole.segments('/b');
  const bytes = whole.files.get(path) ?? Buffer.alloc(0);
  for (let from = 0; from < bytes.length; from += 101) {
    const disk = whole.afterCrash();
    const torn = Buffer.from(bytes);
    torn.fill(0, from, Math.min(bytes.length, from + 1_024));
    disk.files.set(path, torn);
    const alone = new Rig(disk.afterCrash(), settings).recovered;
    expect(alone.sessions.length, `at ${from}: what is left of it counts, if there is nothing else`).toBeGreaterThan(5);
    disk.move('/elsewhere', '/a');
    const { sessions } = new Rig(disk, settings).recovered;
    expect(new Set(sessions), `at ${from}: its disk is there again`).toEqual(new Set(range(1, 10)));
    const { recovered } = new Rig(disk.afterCrash(), settings);
    expect(new Set(recovered.sessions), `at ${from}: one start later`).toEqual(new Set(range(1, 10)));
  }
});

test('a crash between two writes of what is written again: those before it count, if there is nothing else', () => {
  const settings = { directories: ['/a', '/b'], segmentBytes: 1_024 };
  const { crashes } = cutWhileWrittenAgain(settings.segmentBytes);
  expect(crashes.length).toBeGreaterThan(4);
  let most = 0;
  for (const disk of crashes) {
    const alone = new Rig(disk.afterCrash(), settings).recovered.sessions.length;
    expect(alone).toBeGreaterThanOrEqual(most);
    most = alone;
    disk.move('/elsewhere', '/a');
    expect(new Set(new Rig(disk, settings).recovered.sessions)).toEqual(new Set(range(1, 10)));
  }
  expect(most).toBeGreaterThan(5);
});

test('a disk that is away for a whole run, in which the journal was carried on: what it holds is not given up', () => {
  const settings = { directories: ['/a', '/b'], segmentBytes: 2_048, retainBytes: 6_000 };
  const before = new Rig(new MemoryDisk(), settings);
  before.append(1, { holds: 'report:1' });
  before.disk.fault = (operation, path) => (operation !== 'close' && path.startsWith('/a/') ? error('EIO') : undefined);
  before.append(2, { holds: 'report:2' });
  let disk = before.disk.afterCrash();
  disk.move('/a', '/elsewhere');
  for (const start of [1, 2, 3]) {
    const away = new Rig(disk, settings);
    if (start === 1) expect(away.recovered.detail).toContain('still needed could not be read: report:1');
    for (const _write of range(1, 40)) {
      away.append(3, {}, 'x'.repeat(300));
      away.workAll();
      away.pass(1_000);
    }
    expect(disk.used(), 'and nothing stays for it').toBeLessThan(20_000);
    disk = away.disk.afterCrash();
  }
  disk.move('/elsewhere', '/a');
  expect(new Rig(disk, settings).recovered.sessions).toEqual(expect.arrayContaining([1, 2]));
  expect(new Rig(disk.afterCrash(), settings).recovered.sessions).toEqual(expect.arrayContaining([1, 2]));
});

test('the disk is mounted only after the start, over what was begun in its place: what it held is not given up', () => {
  const before = new Rig();
  before.append(1, { holds: 'report:1' });
  const { disk } = before;
  disk.move('/a', '/not-mounted-yet');
  disk.restarted();
  const rig = new Rig(disk);
  rig.append(2, { holds: 'report:2' });
  rig.append(3, { holds: 'report:3' });
  disk.move('/a', '/under-the-mount');
  disk.move('/not-mounted-yet', '/a');
  rig.pass(2_000);
  expect(new Set(found(disk))).toEqual(new Set([1, 2, 3]));
  const next = new Rig(disk.afterCrash());
  for (const mark of range(4, 40)) next.append(mark, {}, 'x'.repeat(300));
  next.workAll();
  expect(found(next.disk)).toEqual(expect.arrayContaining([1, 2]));
});

test('a thread that dies while what a lost directory held waits leaves it to the next one, which writes it before anything newer', () => {
  const rig = new Rig();
  rig.appendAll([1, 2]);
  lose(rig);
  rig.disk.fault = (operation) => (operation === 'create' ? error('EIO') : undefined);
  rig.pass(1_000);
  rig.append(3, {});
  expect(rig.durable).toEqual([2]);
  expect(found(rig.disk)).toEqual([]);
  const stillBad = rig.disk.afterCrash();
  stillBad.fault = rig.disk.fault;
  const next = new Rig(stillBad);
  next.engine.commit(rig.owed ?? []);
  // It dies as well, and has not said that nothing is owed any more.
  expect(next.owed).toBeUndefined();
  const last = new Rig(rig.disk.afterCrash());
  last.engine.commit(rig.owed ?? []);
  last.append(3, {});
  expect(found(last.disk)).toEqual([1, 2, 3]);
  expect(last.owed).toEqual([]);
});

test('what was lost is owed until it is written, and no longer', () => {
  const rig = new Rig(new MemoryDisk(), { directories: ['/a', '/b'] });
  rig.appendAll([1, 2]);
  const told: number[] = [];
  lose(rig);
  rig.disk.fault = (operation) => {
    if (operation === 'create') told.push(rig.owed?.length ?? 0);
    return undefined;
  };
  rig.pass(1_000);
  expect(told[0]).toBeGreaterThanOrEqual(2);
  expect(rig.owed).toEqual([]);
  expect(found(rig.disk, ['/a', '/b'])).toEqual([1, 2]);
});

test('a second directory that is gone while the first works is told within a minute, until it is back', () => {
  const rig = new Rig(undefined, { directories: ['/a', '/b'] });
  rig.append(1);
  rig.pass(120_000);
  expect(rig.health).toEqual([]);
  rig.disk.move('/b', '/elsewhere');
  rig.disk.fault = (operation, path) => (operation === 'makeDirectory' && path === '/b' ? error('EACCES') : undefined);
  rig.pass(61_000);
  expect(rig.health[0]).toBe('degraded');
  expect(rig.details[0]).toContain('/b: deleted, moved or unmounted while the gateway runs');
  // Longer than a journal without a further error needs to be well again.
  rig.pass(1_800_000);
  expect(rig.health).not.toContain('ok');
  rig.disk.fault = () => undefined;
  rig.disk.move('/elsewhere', '/b');
  rig.pass(700_000);
  expect(rig.health.at(-1)).toBe('ok');
  rig.append(2);
  expect(rig.durable).toEqual([1, 2]);
});

test('a second directory that could not be opened at the start stays a trouble as long as it can not', () => {
  const disk = new MemoryDisk();
  disk.fault = (_operation, path) => (path === '/b' ? error('EACCES') : undefined);
  const rig = new Rig(disk, { directories: ['/a', '/b'] });
  rig.pass(1_800_000);
  expect(rig.health).not.toContain('ok');
  disk.fault = () => undefined;
  rig.pass(700_000);
  expect(rig.health.at(-1)).toBe('ok');
});
