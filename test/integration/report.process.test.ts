import {
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { askGateway } from '../../gateway/control/ask-gateway.ts';
import type { AfterActionDocument } from '../../protocol/after-action-document.ts';
import { CALLPOINT, Command, callpoint } from './support/processes.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';

let site: SmallSite;
let out = '';
/** The report that was made while the gateway ran and its drill was on. */
let running: AfterActionDocument;
const ids = { drill: '', real: '' };

const report = (...args: string[]) => callpoint('report', ...args, '--config', site.file, '--data', site.data);
const file = (name: string) => join(out, name);
const text = (name: string) => readFileSync(file(name), 'utf8');

/** A drill with a press, its end, a real alert that is cancelled; then the gateway is stopped. */
beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'callpoint-report-'));
  const receiverPort = await freePort();
  site = await smallSite({ receiverPort });
  const far = readSite(site.file, epochNow());
  const receiver = await startReceiver({ port: receiverPort, accounts: far.accounts });
  const simulator = new SiteSimulator(far, 1);
  const gateway = new Command(CALLPOINT, ['run', '--no-warm-up', '--config', site.file, '--data', site.data]);
  try {
    await gateway.says(/"event":"ready"/);
    const ask = (command: object) => askGateway(site.data, { ...command, by: 'maria' });
    const displayed = (id: string) =>
      receiver.until(({ displayed: shown }) => shown.some(({ reportId }) => reportId === id));
    const drill = { command: 'drill', scope: 'building:A', minutes: 15, reason: 'autumn <b>drill</b>' };
    expect(await ask({ ...drill, action: 'start' })).toMatchObject({ ok: true });
    ids.drill = simulator.press('wb-101', '0', 'single')?.alert ?? '';
    await displayed(ids.drill);
    const beside = await report('--drill', '--json');
    expect(beside).toMatchObject({ code: 0, stderr: '' });
    running = JSON.parse(beside.stdout);
    expect(await ask({ ...drill, action: 'stop', reason: 'over' })).toMatchObject({ ok: true });
    ids.real = simulator.press('wb-102', '1', 'single')?.alert ?? '';
    await displayed(ids.real);
    expect(await ask({ command: 'cancel', alert: ids.real, reason: 'leant on it' })).toMatchObject({ ok: true });
    await displayed(`${ids.real}.cancel`);
    expect((await gateway.stop()).code).toBe(0);
  } finally {
    await gateway.kill();
    await simulator.stop();
    await receiver.close();
  }
});
afterAll(() => {
  site.remove();
  rmSync(out, { recursive: true });
});

test('while the gateway runs, the report of its drill has the press, its path and no end', () => {
  expect(running.about).toMatchObject({ kind: 'drill', scope: 'building:A', started_by: 'cli:maria', ended: null });
  expect(running).toMatchObject({ document: 'after_action', site: 'Test school', gateway: 'gw-test' });
  const [press] = running.alerts.drill;
  expect(press).toMatchObject({ id: ids.drill, state: 'acknowledged', acknowledged: { path: 'central' } });
  expect(press?.first_byte?.path).toBe('central');
  const never = running.never_pressed?.map(({ device, button }) => `${device} ${button}`);
  expect(never).toEqual(['wb-101 button-2', 'wb-102 button-1', 'wb-102 button-2']);
});

test('afterwards a page for the screen tells the same, with its end, and with every text escaped', async () => {
  const ended = await report('--drill', 'building:A', '--out', file('drill.html'));
  expect(ended).toEqual({ code: 0, stderr: '', stdout: `Report written to ${file('drill.html')}\n` });
  expect(text('drill.html')).toContain('by maria: autumn &lt;b&gt;drill&lt;/b&gt;');
  expect(text('drill.html')).toContain('by maria: over');
  expect(text('drill.html')).not.toContain('<b>');
});

test('a PDF gets a name that begins with the date, and is never overwritten without a word', async () => {
  const args = [`--config=${site.file}`, `--data=${site.data}`];
  const inDirectory = (...more: string[]) =>
    new Command(CALLPOINT, ['report', ids.real, ...args, ...more], { cwd: out }).ended;
  const first = await inDirectory();
  const [, name = ''] = /^Report written to (.*)\n$/.exec(first.stdout) ?? [];
  expect(name).toBe(`${name.slice(0, 15)}-alert-${ids.real}.pdf`);
  expect(name).toMatch(/^\d{4}-\d\d-\d\d-\d{4}-/);
  expect(readFileSync(file(name)).subarray(0, 5).toString()).toBe('%PDF-');
  writeFileSync(file(name), 'signed');
  const again = await inDirectory();
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toContain('--yes');
  expect(text(name)).toBe('signed');
  expect((await inDirectory('--yes')).code).toBe(0);
  expect(readFileSync(file(name)).subarray(0, 5).toString()).toBe('%PDF-');
  expect(readdirSync(out).filter((each) => each.endsWith('.part'))).toEqual([]);
});

test('nothing takes the name of a link, such as /dev/stdout, or of a directory', async () => {
  symlinkSync(file('elsewhere.html'), file('link.html'));
  const [link, folder] = await Promise.all([
    report('--drill', '--out', file('link.html'), '--yes'),
    report('--drill', '--out', out, '--yes'),
  ]);
  for (const ended of [link, folder]) {
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('is no ordinary file');
  }
  expect(lstatSync(file('link.html')).isSymbolicLink()).toBe(true);
  expect(existsSync(file('elsewhere.html'))).toBe(false);
});

test('a reader that has read enough ends it quietly, and a full disk is told', async () => {
  const args = ['report', '--drill', '--json', '--config', site.file, '--data', site.data];
  const unread = new Command(CALLPOINT, args);
  unread.child.stdout?.destroy();
  expect(await unread.ended).toMatchObject({ code: 0, stderr: '' });
  const full = await new Command(CALLPOINT, args, { shell: 'exec >/dev/full' }).ended;
  expect(full).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^The output could not be written: .*ENOSPC.*\n$/),
  });
});

test('a period has the real alert and the drill, each in its place', async () => {
  const { code, stdout } = await report('--since', '2h', '--json');
  expect(code).toBe(0);
  const document: AfterActionDocument = JSON.parse(stdout);
  expect(document.alerts.live).toMatchObject([
    { id: ids.real, state: 'cancelled', closed: { by: 'cli:maria', reason: 'leant on it' } },
  ]);
  expect(document.alerts.drill.map(({ id }) => id)).toEqual([ids.drill]);
  expect(document.paths).toMatchObject([{ path: 'central', failed: 0, outages: 0, is_down: false }]);
});

describe('a copy of the journal', () => {
  const copied = () => {
    const copy = mkdtempSync(join(out, 'copy-'));
    cpSync(join(site.data, 'journal'), copy, { recursive: true });
    return copy;
  };

  test('is enough, elsewhere and without the configuration', async () => {
    const args = ['report', ids.drill, '--journal', copied(), '--config', file('none.yaml'), '--json'];
    const { code, stdout, stderr } = await callpoint(...args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ site: null, alerts: { drill: [{ id: ids.drill }] } });
    expect(stderr).toContain('none.yaml could not be read');
  });

  test('that was altered is refused, with what is wrong and how to look, and no file is left', async () => {
    const copy = copied();
    const [name = ''] = readdirSync(copy)
      .filter((each) => each.endsWith('.cpj'))
      .sort();
    const bytes = readFileSync(join(copy, name), 'utf8');
    writeFileSync(join(copy, name), bytes.replace('leant on it', 'never done '));
    const ended = await report('--since', '2h', '--journal', copy, '--out', file('altered.pdf'));
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('The journal does not verify');
    expect(ended.stderr).toContain(`callpoint verify ${copy}`);
    expect(ended.stderr).toMatch(new RegExp(`${name}:\\d+: (damaged|altered)`));
    expect(existsSync(file('altered.pdf'))).toBe(false);
    const json = await report('--since', '2h', '--journal', copy, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, code: 'JOURNAL_NOT_PROVEN' });
  });
});

test.each([
  ['nothing to report', [], 'name one of these'],
  ['two things at once', ['wb-101.1.1', '--drill'], 'name one of these'],
  ['an end without a beginning', ['--drill', '--until', '1h'], '--until needs --since'],
  ['an end before the beginning', ['--since', '1h', '--until', '2h'], 'must be later'],
  ['a scope that is none', ['--drill', 'everywhere'], 'It must be site, building:A'],
])('%s exits 2', async (_name, args, says) => {
  const ended = await report(...args);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain(says);
});

test('an alert or a drill that the journal does not have exits 1, and says where to look', async () => {
  const [alert, drill] = await Promise.all([report('wb-101.1.9999'), report('--drill', 'building:B')]);
  expect(alert).toMatchObject({ code: 1, stderr: expect.stringContaining('callpoint alerts lists') });
  expect(drill).toMatchObject({ code: 1, stderr: expect.stringContaining('no drill in building:B') });
});
