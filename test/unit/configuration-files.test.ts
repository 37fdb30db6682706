import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Configuration } from '../../gateway/reload/configuration.ts';

let directory: string;
let site: string;
let keys: string;
let told: string[][];
let configuration: Configuration;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-files-'));
  site = join(directory, 'site.yaml');
  keys = join(directory, 'keys.yaml');
  for (const file of [site, keys]) writeFileSync(file, 'as it was');
  told = [];
  configuration = new Configuration(site, {
    read: () => Promise.resolve({ mistakes: [], files: [site, keys] }),
    changed: ({ files }) => told.push([...files]),
  });
  await configuration.read();
  configuration.takenUp();
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a changed file is told once, and stands in the status until it is taken up', async () => {
  await configuration.look();
  expect(configuration.changed).toBeUndefined();
  writeFileSync(keys, 'with another key');
  await configuration.look();
  await configuration.look();
  expect(told).toEqual([['keys.yaml']]);
  expect(configuration.changed?.files).toEqual(['keys.yaml']);
  await configuration.read();
  configuration.takenUp();
  expect(configuration.changed).toBeUndefined();
  await configuration.look();
  expect(told).toHaveLength(1);
});

test('a configuration that was read and refused is still not taken up', async () => {
  writeFileSync(site, 'with a mistake');
  await configuration.read();
  await configuration.look();
  expect(told).toEqual([['site.yaml']]);
});

test('a file that an editor removes for a moment is not changed; one that it replaces is', async () => {
  rmSync(site);
  await configuration.look();
  expect(told).toEqual([]);
  writeFileSync(`${site}.new`, 'as it was, in another file');
  renameSync(`${site}.new`, site);
  await configuration.look();
  expect(told).toEqual([['site.yaml']]);
});
