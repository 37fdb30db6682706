import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildDeb, gzipped, place } from '../../../hardware/package/deb.ts';

const directory = mkdtempSync(join(tmpdir(), 'callpoint-deb-'));
afterAll(() => rmSync(directory, { recursive: true }));

const SECONDS = 1_790_000_000;
const CONTROL = 'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: N <n@localhost>\nDescription: x\n';

/** A package of the same content, made in an order, with modes and at times that are its own. */
function deb(name: string, order: (paths: string[]) => string[], mode: number, seconds: number): string {
  const root = join(directory, name);
  for (const path of order(['usr/bin/x', 'usr/share/x/table.json', 'usr/share/doc/x/changelog.gz'])) {
    const content = path.endsWith('.gz') ? gzipped('changes\n'.repeat(100)) : path.repeat(1000);
    place(root, path, content, mode);
    utimesSync(join(root, path), seconds, seconds);
  }
  symlinkSync('x', join(root, 'usr/bin/y'));
  place(root, 'DEBIAN/control', CONTROL);
  chmodSync(join(root, 'usr/share'), 0o775);
  const file = join(directory, `${name}.deb`);
  buildDeb(root, file, SECONDS);
  return file;
}

test('the same content makes the same bytes, whatever the checkout, the umask and the clock', () => {
  const one = deb('one', (paths) => paths, 0o600, 1_000_000_000);
  const two = deb('two', (paths) => paths.reverse(), 0o664, 1_700_000_000);
  expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
  const list = execFileSync('dpkg-deb', ['--contents', one], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
  const lines = list.trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(/ root\/root .* 2026-09-21 14:13 /);
  expect(lines.map((line) => line.replace(/ .* /, ' ')).sort()).toEqual([
    '-rw-r--r-- ./usr/share/doc/x/changelog.gz',
    '-rw-r--r-- ./usr/share/x/table.json',
    '-rwxr-xr-x ./usr/bin/x',
    ...['', 'usr/', 'usr/bin/', 'usr/share/', 'usr/share/doc/', 'usr/share/doc/x/', 'usr/share/x/'].map(
      (path) => `drwxr-xr-x ./${path}`,
    ),
    'lrwxrwxrwx x',
  ]);
});
