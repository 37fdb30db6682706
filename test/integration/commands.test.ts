import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callpoint, type Ended } from './support/processes.ts';

let root = '';
let site = '';
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'callpoint-commands-'));
  site = join(root, 'site', 'site.yaml');
  expect((await callpoint('init', join(root, 'site'))).code).toBe(0);
});
afterAll(() => rmSync(root, { recursive: true }));

/** A mistake is shown in words: no stack, no code of ours. */
function expectWords({ stderr }: Ended): void {
  expect(stderr).not.toBe('');
  expect(stderr).not.toMatch(/^\s+at |Error:/m);
}

describe('help', () => {
  test('callpoint --help lists every command and exits 0', async () => {
    const { code, stdout, stderr } = await callpoint('--help');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const command of ['run', 'init', 'check', 'alerts', 'verify']) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b.* {2}\\w`, 'm'));
    }
  });

  test.each(['run', 'init', 'check', 'alerts', 'verify'])(
    'callpoint %s --help says what it does and exits 0',
    async (command) => {
      const { code, stdout } = await callpoint(command, '--help');
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^Usage: callpoint ${command} .*\\n\\n\\w.{20,}`));
    },
  );
});

describe('what does not fit exits 2 and is told on stderr', () => {
  test.each([
    ['an unknown command', ['rum'], "unknown command 'rum'"],
    ['an unknown option', ['run', '--confg', 'x'], "unknown option '--confg'"],
    ['a missing argument', ['verify'], "missing required argument 'dir'"],
    ['one argument too many', ['check', 'site.yaml'], 'too many arguments'],
    ['a log level there is not', ['run', '--log-level', 'loud'], "argument 'loud' is invalid"],
    ['no command at all', [], 'Usage: callpoint'],
  ])('%s', async (_name, args, words) => {
    const { code, stdout, stderr } = await callpoint(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
  });
});

test('init writes keys that only their owner can read, and refuses to overwrite them with exit 1', async () => {
  const keys = join(root, 'site', 'keys.yaml');
  expect(statSync(keys).mode & 0o777).toBe(0o600);
  const before = readFileSync(keys, 'utf8');
  const again = await callpoint('init', join(root, 'site'));
  expect(again.code).toBe(1);
  expectWords(again);
  expect(again.stderr).toContain('keys.yaml');
  expect(readFileSync(keys, 'utf8')).toBe(before);
});

test('check exits 0 on what init wrote, 1 with every mistake at once, and --json is one object', async () => {
  const good = await callpoint('check', '--config', site);
  expect(good.code).toBe(0);
  const bad = join(root, 'site', 'bad.yaml');
  writeFileSync(
    bad,
    readFileSync(site, 'utf8').replace('address: 2', 'address: 1').replace('kind: medical', 'kind: medicl'),
  );
  const [words, json] = await Promise.all([
    callpoint('check', '--config', bad),
    callpoint('check', '--config', bad, '--json'),
  ]);
  expect(words.code).toBe(1);
  expect(words.stdout.match(/bad\.yaml:\d+:\d+: error: /g)).toHaveLength(2);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, errors: 2 });
});

test.each([
  ['run', ['run', '--config']],
  ['check', ['check', '--config']],
])('%s without its site file exits 1 and names the file', async (_name, args) => {
  const ended = await callpoint(...args, join(root, 'nowhere.yaml'));
  expect(ended.code).toBe(1);
  expect(ended.stdout + ended.stderr).toContain('nowhere.yaml');
  expect(ended.stderr).not.toMatch(/^\s+at /m);
});

test('alerts and verify without a journal exit 1 and name the directory', async () => {
  const [alerts, verify] = await Promise.all([
    callpoint('alerts', '--data', join(root, 'nothing')),
    callpoint('verify', join(root, 'nothing')),
  ]);
  for (const ended of [alerts, verify]) {
    expect(ended.code).toBe(1);
    expectWords(ended);
    expect(ended.stderr).toContain(join(root, 'nothing'));
  }
});

test('run with keys that others can read exits 1 and says how to hide them', async () => {
  const directory = join(root, 'exposed');
  await callpoint('init', directory);
  chmodSync(join(directory, 'keys.yaml'), 0o644);
  const ended = await callpoint('run', '--config', join(directory, 'site.yaml'));
  expect(ended.code).toBe(1);
  expectWords(ended);
  expect(ended.stderr).toContain('chmod 600');
});

test('a secret in a broken keys file is never printed', async () => {
  const directory = join(root, 'broken');
  await callpoint('init', directory);
  const keys = join(directory, 'keys.yaml');
  const [secret = ''] = readFileSync(keys, 'utf8').match(/[0-9a-f]{32}/) ?? [];
  appendFileSync(keys, `broken: [${secret}\n`);
  const ended = await callpoint('run', '--config', join(directory, 'site.yaml'));
  expect(ended.code).toBe(1);
  expectWords(ended);
  expect(ended.stdout + ended.stderr).not.toContain(secret);
});
