import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { nodeReleaseDisk } from '../../../gateway/update/release-disk.ts';
import { ReleaseStore } from '../../../gateway/update/release-store.ts';
import { PROJECT } from '../source-files.ts';

const root = mkdtempSync(join(tmpdir(), 'callpoint-damaged-'));
const store = join(root, 'store');
const at = (name: string) => join(store, name);
const TRIAL = 'callpoint-trial 1\nid=0123456789abcdef\nfrom=packaged\nto=a\ndetails={}\n';
/** A script that waits for a pipe or a device would hold up the gateway. */
const TIMEOUT = 5_000;

afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  for (const release of [join(root, 'release'), at('a'), at('b')]) {
    mkdirSync(join(release, 'dist/gateway/cli'), { recursive: true });
    writeFileSync(join(release, 'dist/gateway/cli/main.js'), '');
  }
  for (const script of ['launch', 'before-start'])
    copyFileSync(join(PROJECT, 'hardware/package', script), join(root, script));
  writeFileSync(join(root, 'node'), '#!/bin/sh\necho "$1"\n', { mode: 0o755 });
  symlinkSync('a', at('current'));
});

function script(name: string, ...args: string[]) {
  const env = { PATH: '/usr/bin:/bin', CALLPOINT_RELEASES: store, CALLPOINT_NODE: join(root, 'node') };
  return spawnSync('sh', [join(root, name), ...args], { env, encoding: 'utf8', timeout: TIMEOUT });
}

function pipe(path: string): void {
  spawnSync('mkfifo', [path]);
}

describe('a damaged directory of releases', () => {
  test.each([
    ['leads out by an absolute path', () => symlinkSync(at('a'), at('current'))],
    ['leads out by its parent', () => symlinkSync('../store/a', at('current'))],
    ['leads nowhere', () => symlinkSync('c', at('current'))],
    ['has a second line', () => symlinkSync('a\nb', at('current'))],
    ['is a directory', () => mkdirSync(at('current'))],
    ['is a file', () => writeFileSync(at('current'), 'a')],
    ['is not there', () => undefined],
  ])('whose current %s starts the packaged release', async (_, damage) => {
    rmSync(at('current'));
    damage();
    expect(script('launch', 'run').stdout).toBe(`${join(root, 'release/dist/gateway/cli/main.js')}\n`);
    expect(await new ReleaseStore(store, nodeReleaseDisk).current()).toBe('packaged');
  });

  test.each([
    ['is garbage', () => writeFileSync(at('trial'), Buffer.alloc(100_000, 0xa5))],
    ['names a release elsewhere', () => writeFileSync(at('trial'), TRIAL.replace('packaged', '../../b'))],
    ['is a directory', () => mkdirSync(at('trial'))],
    ['is a pipe', () => pipe(at('trial'))],
    ['is a device', () => symlinkSync('/dev/zero', at('trial'))],
  ])('whose trial %s starts the current release, and has no trial', async (_, damage) => {
    damage();
    expect(script('before-start').status).toBe(0);
    expect(script('launch', 'update').stdout).toBe(`${at('a/dist/gateway/cli/main.js')}\n`);
    const opened = new ReleaseStore(store, nodeReleaseDisk);
    expect(await opened.trial()).toBeUndefined();
    await opened.end();
    expect(await opened.hasTrialFile()).toBe(false);
  });

  test.each([
    ['is a directory', () => mkdirSync(at('starts'))],
    ['is a pipe', () => pipe(at('starts'))],
    ['never ends', () => symlinkSync('/dev/zero', at('starts'))],
  ])('whose count of starts %s counts anew', (_, damage) => {
    writeFileSync(at('trial'), TRIAL);
    damage();
    expect(script('before-start')).toMatchObject({ status: 0, signal: null });
    expect(readFileSync(at('starts'), 'utf8').trim()).toBe('0123456789abcdef');
  });

  test.each(['null', '[]', '"x"', '{', '{"result":"returned"}', '{"result":"confirmed","from":"a"}'])(
    'whose last result is %s has none',
    async (text) => {
      writeFileSync(at('last-update'), text);
      expect(await new ReleaseStore(store, nodeReleaseDisk).decision()).toBeUndefined();
    },
  );
});
