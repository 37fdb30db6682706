import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { releaseDirectory, takeDirectory } from '../../../gateway/journal/directory-lock.ts';
import { processOwner } from '../../../gateway/journal/process-owner.ts';
import { error, MemoryDisk, OWNER, Rig } from './memory-files.ts';

const LOCK = '/a/journal.lock';

test('two gateways cannot write one directory', () => {
  const disk = new MemoryDisk();
  disk.files.set(LOCK, Buffer.from('alive other'));
  const rig = new Rig(disk);
  rig.append(1);
  expect(rig.durable).toEqual([]);
  expect(rig.health.at(-1)).toBe('failed');
  expect(rig.details.at(-1)).toContain('/a is in use by another gateway (alive other)');
  disk.files.delete(LOCK);
  rig.pass(1_000);
  expect(rig.durable).toEqual([1]);
});

test('what a killed gateway left behind does not block a start', () => {
  const disk = new MemoryDisk();
  disk.files.set(LOCK, Buffer.from('dead'));
  expect(takeDirectory(disk, '/a', OWNER)).toBeUndefined();
  expect([...disk.files.keys()]).toEqual([LOCK]);
  disk.files.set(LOCK, Buffer.from(''));
  expect(takeDirectory(disk, '/a', OWNER)).toBeUndefined();
});

test('a left-over lock that another starter takes first is left to him', () => {
  const disk = new MemoryDisk();
  disk.files.set(LOCK, Buffer.from('dead'));
  disk.fault = (operation) => {
    if (operation === 'rename') {
      disk.fault = () => undefined;
      disk.files.set(LOCK, Buffer.from('alive other'));
    }
    return undefined;
  };
  expect(takeDirectory(disk, '/a', OWNER)).toBe('alive other');
  expect(disk.files.get(LOCK)?.toString()).toBe('alive other');
});

test('a full disk does not keep a directory from being taken', () => {
  const disk = new MemoryDisk();
  disk.fault = (operation) => (operation === 'write' ? error('ENOSPC') : undefined);
  expect(takeDirectory(disk, '/a', OWNER)).toBeUndefined();
});

test('a released directory is free, and a lock of somebody else is not released', () => {
  const disk = new MemoryDisk();
  takeDirectory(disk, '/a', OWNER);
  releaseDirectory(disk, '/a', OWNER);
  expect(disk.files.size).toBe(0);
  disk.files.set(LOCK, Buffer.from('alive other'));
  releaseDirectory(disk, '/a', OWNER);
  expect(disk.files.size).toBe(1);
});

test('a process is known by number, start and boot: a number used again is not taken for a gateway', () => {
  const me = processOwner('x');
  expect(me.isAlive(me.text)).toBe(true);
  expect(me.isAlive(me.text.replace(/started \S+/, 'started 1'))).toBe(false);
  expect(me.isAlive(me.text.replace(/boot \S+/, 'boot of-yesterday'))).toBe(false);
  expect(me.isAlive('garbage')).toBe(false);
  const { pid } = spawnSync('true');
  expect(me.isAlive(me.text.replace(/pid \d+/, `pid ${pid}`))).toBe(false);
});

test.skipIf(process.platform !== 'linux')('a killed process that nobody has asked for is no gateway', async () => {
  // The shell starts a process, becomes another program, and never waits for the process.
  const parent = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [pid] = await once(parent.stdout, 'data');
  const stat = (): string[] => readFileSync(`/proc/${Number(pid)}/stat`, 'utf8').split(' ');
  while (stat()[2] !== 'Z') await new Promise(setImmediate);
  const me = processOwner('x');
  const text = me.text.replace(/pid \d+ started \d+/, `pid ${Number(pid)} started ${stat()[21]}`);
  expect(me.isAlive(text)).toBe(false);
});

test('a lock that was taken for a left-over before it had any words is taken again, or left to him who has it', () => {
  const disk = new MemoryDisk();
  disk.fault = (operation, path) => {
    if (operation !== 'close' || path !== LOCK) return undefined;
    disk.fault = () => undefined;
    disk.files.set(LOCK, Buffer.from('alive other'));
    return undefined;
  };
  expect(takeDirectory(disk, '/a', OWNER)).toBe('alive other');
});
