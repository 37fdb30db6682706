import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { type ListedAlert, printAlerts } from '../../gateway/cli/alerts.ts';
import { askGateway } from '../../gateway/control/ask-gateway.ts';
import { readJournal } from '../../gateway/journal/read-journal.ts';
import { CALLPOINT, Command, callpoint, type Ended, SIM } from './support/processes.ts';
import { smallSite } from './support/small-site.ts';

let root = '';
let site = '';
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'callpoint-commands-'));
  site = join(root, 'site', 'site.yaml');
  expect((await callpoint('init', join(root, 'site'))).code).toBe(0);
});
afterAll(() => rmSync(root, { recursive: true }));

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

/** A site whose ports are in software. */
async function servedSite(): Promise<string> {
  const small = await smallSite({ receiverPort: await freePort() });
  cleanups.push(() => small.remove());
  return small.file;
}

/** Expects an error message without a stack trace or our code. */
function expectWords({ stderr }: Ended): void {
  expect(stderr).not.toBe('');
  expect(stderr).not.toMatch(/^\s+at |Error:/m);
}

describe('help', () => {
  test('callpoint --help lists every command and exits 0', async () => {
    const { code, stdout, stderr } = await callpoint('--help');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const command of [
      'run',
      'init',
      'check',
      'alerts',
      'drill',
      'cancel',
      'resolve',
      'enrol',
      'canary',
      'verify',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b.* {2}\\w`, 'm'));
    }
  });
});

describe('output that cannot be written', () => {
  test('a reader that has read enough ends a command quietly, with its own exit code', async () => {
    const empty = join(root, 'empty');
    writeFileSync(empty, '');
    const unread = [
      new Command(CALLPOINT, ['check', '--config', site]),
      new Command(CALLPOINT, ['check', '--config', empty]),
      new Command(CALLPOINT, ['--help']),
      new Command(SIM, ['frames', '--device', 'wb-101', '--count', '2000', '--site', site]),
      new Command(SIM, ['serve', await servedSite()]),
    ];
    for (const { child } of unread) child.stdout?.destroy();
    const ended = await Promise.all(unread.map((command) => command.ended));
    expect(ended.map(({ stderr }) => stderr)).toEqual(['', '', '', '', '']);
    expect(ended.map(({ code }) => code)).toEqual([0, 1, 0, 0, 0]);
  });

  test('a full disk is told, with exit code 1', async () => {
    const full = { shell: 'exec >/dev/full' };
    const commands = [
      new Command(CALLPOINT, ['check', '--config', site, '--json'], full),
      new Command(SIM, ['frames', '--device', 'wb-101', '--count', '2', '--site', site], full),
    ];
    for (const { code, stderr } of await Promise.all(commands.map((command) => command.ended))) {
      expect(stderr).toMatch(/^The output could not be written: .*ENOSPC.*\n$/);
      expect(code).toBe(1);
    }
  });
});

describe('what does not fit exits 2 and is told on stderr', () => {
  test.each([
    ['an unknown option', ['run', '--confg', 'x'], "unknown option '--confg'"],
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

test('a place without a journal is never called complete and unaltered, and the journal below it is named', async () => {
  const data = join(root, 'no-journal');
  mkdirSync(join(data, 'journal'), { recursive: true });
  const [above, verify, alerts] = await Promise.all([
    callpoint('verify', data),
    callpoint('verify', join(data, 'journal'), '--json'),
    callpoint('alerts', '--data', data),
  ]);
  for (const { code, stdout, stderr } of [above, alerts]) {
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('There is no journal in');
  }
  expect([verify.code, verify.stderr]).toEqual([1, '']);
  expect(JSON.parse(verify.stdout)).toMatchObject({ ok: false, code: 'JOURNAL_UNREADABLE' });
  expect(above.stderr).toContain(`Do you mean ${join(data, 'journal')}?`);
});

test('check tells of a data directory that can not be written, and makes none', async () => {
  const data = join(site, 'data');
  const [words, json, good] = await Promise.all([
    callpoint('check', '--config', site, '--data', data),
    callpoint('check', '--config', site, '--data', data, '--json'),
    callpoint('check', '--config', site, '--data', join(root, 'not-yet')),
  ]);
  expect(words.code).toBe(1);
  expect(words.stdout).toContain(`${data} can't be written: ${site} is in the way`);
  expect(words.stdout).toContain('would start, but its data directory is not in order');
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, errors: 0, data: [expect.stringContaining(data)] });
  expect(good.code).toBe(0);
  expect(readdirSync(root).filter((name) => /not-yet|check/.test(name))).toEqual([]);
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

/** A gateway as a service manager runs it, with a receiver and walls around it. */
async function running() {
  const receiverPort = await freePort();
  const site = await smallSite({ receiverPort });
  cleanups.push(() => site.remove());
  const far = readSite(site.file, epochNow());
  const receiver = await startReceiver({ port: receiverPort, accounts: far.accounts });
  cleanups.push(() => receiver.close());
  const simulator = new SiteSimulator(far, 1);
  cleanups.push(() => simulator.stop());
  const gateway = new Command(CALLPOINT, ['run', '--no-warm-up', '--config', site.file, '--data', site.data]);
  cleanups.push(() => gateway.kill());
  await gateway.says(/"event":"ready"/);
  const displayed = async (id: string) => {
    await receiver.until(({ displayed: shown }) => shown.some(({ reportId }) => reportId === id));
    return receiver.displayed.find(({ reportId }) => reportId === id);
  };
  return { site, simulator, gateway, displayed };
}

test('a drill from the command line, an alert in it, and its end: the receiver and the journal tell who asked', async () => {
  const { site, simulator, gateway, displayed } = await running();
  const ask = (command: object) => askGateway(site.data, { ...command, by: 'maria' });
  expect(statSync(join(site.data, 'control.sock')).mode & 0o777).toBe(0o600);

  const started = await callpoint('drill', 'start', '--scope', 'building:A', '--minutes', '15', '--config', site.file);
  expect(started).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('building:A') });
  const id = simulator.press('wb-101', '0', 'single')?.alert ?? '';
  expect((await displayed(id))?.text).toMatch(/^DRILL: /);

  const closing = { command: 'cancel', alert: id, reason: 'leant on it' };
  expect(await ask(closing)).toMatchObject({ ok: true });
  expect(await ask(closing)).toMatchObject({ ok: false, text: expect.stringContaining(id) });
  expect(await ask({ command: 'drill', action: 'stop', reason: 'over' })).toMatchObject({ ok: true });
  const real = simulator.press('wb-102', '0', 'single')?.alert ?? '';
  expect((await displayed(real))?.text).not.toContain('DRILL');

  const refused = await callpoint('canary', '--config', site.file);
  expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^Refused: .*canary.*\n$/) });

  expect((await gateway.stop()).code).toBe(0);
  expect(existsSync(join(site.data, 'control.sock'))).toBe(false);
  await expect(ask(closing)).rejects.toMatchObject({ code: 'GATEWAY_UNREACHABLE' });

  const journal = join(site.data, 'journal');
  const who = [...readJournal(journal)].flatMap(({ entry: { record } }) => ('by' in record ? [record.by] : []));
  expect(new Set(who)).toEqual(new Set(['cli:maria', expect.stringMatching(/^cli:./)]));
  const words: string[] = [];
  printAlerts([journal], false, (line) => words.push(line));
  expect(words.filter((line) => line.includes('DRILL'))).toEqual([expect.stringContaining(id)]);
  expect(words[0]).toMatch(/ {2}cancelled by [^:]+: ".+"(, acknowledged by \w+)? {2}DRILL.*; central 1 attempt\)$/);
  expect(words.at(-1)).toBe(`Open, to be resolved or cancelled: ${real}`);
  const json: string[] = [];
  printAlerts([journal], true, (line) => json.push(line));
  expect(
    (JSON.parse(json.join('')) as { readonly alerts: ListedAlert[] }).alerts.map(({ mode, state }) => [mode, state]),
  ).toEqual([
    ['drill', 'cancelled'],
    ['live', expect.not.stringMatching(/resolved|cancelled/)],
  ]);
});
