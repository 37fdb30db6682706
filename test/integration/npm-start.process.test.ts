import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { askControl } from '../../device-sim/site/control.ts';
import { controlSocket } from '../../device-sim/site/site-file.ts';
import { Command, type CommandOptions, START } from './support/processes.ts';

// Each starts a whole school, as processes.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

/** A directory for the files it leaves behind. */
function start(args: readonly string[], how: Pick<CommandOptions, 'source' | 'input'> = {}): Command {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-start-'));
  cleanups.push(() => rmSync(directory, { recursive: true }));
  const command = new Command(START, args, { env: { TMPDIR: directory }, ...how });
  // It ends the gateway that it has started.
  cleanups.push(() => (command.child.exitCode === null ? command.stop() : undefined));
  return command;
}

const OTHER_INPUTS = ['header', 'board-1', 'modules', 'radio-1', 'mqtt-1'];

test.concurrent('--once --each-input --json, from the source, prints one JSON object with every step of each press, and exits 0', async ({
  expect,
}) => {
  const { code, stdout } = await start(['--once', '--each-input', '--json'], { source: true }).ended;
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  const ms = expect.any(Number);
  const timeline = { captured: 0, sent: ms, acknowledged: ms, journalled: ms, published: ms };
  const well = { state: 'acknowledged', not_confirmed: false, timeline };
  expect(JSON.parse(stdout)).toMatchObject({ acknowledged: true, ...well, others: OTHER_INPUTS.map(() => well) });
});

test.concurrent('exits 1 if the receiver never acknowledges, and says NOT CONFIRMED', async ({ expect }) => {
  const { code, stdout } = await start(['--once', '--receiver', 'hang']).ended;
  expect(code).toBe(1);
  expect(stdout).toContain('NOT CONFIRMED');
  // A page is on its way to a person. That confirms nothing.
  expect(stdout).toMatch(/on path pager, to \d+: Intruder, /);
});

test.concurrent('a press on every wire is shown; an input that is unplugged is one trouble at the receiver', async ({
  expect,
}) => {
  const inputs = ['bus-1', 'header', 'board-1', 'modules', 'radio-1'];
  const demo = start([], { input: true });
  await demo.says(/Ctrl-C, or the end of the input, ends it/);
  for (const step of ['captured', 'sent', 'acknowledged', 'journalled', 'published']) {
    expect(demo.stdout).toMatch(new RegExp(`^  ${step} +\\d+\\.\\d+ ms`, 'm'));
  }
  expect(demo.stdout).toContain('LED green');
  for (const input of OTHER_INPUTS) {
    expect(demo.stdout).toMatch(new RegExp(`^  ${input} +\\S+ +\\d+\\.\\d+ +\\d+\\.\\d+ ms   Intruder, `, 'm'));
  }
  const [, site = ''] = await demo.says(/--site (\S+site\.yaml)/);
  // Its socket is in its own temporary directory.
  vi.stubEnv('TMPDIR', dirname(dirname(site)));
  const socket = controlSocket(site, 'inputs');
  vi.unstubAllEnvs();
  const ask = (command: 'unplug' | 'replug') =>
    Promise.all(inputs.map((input) => askControl(socket, 'serve SITE', { command, input })));
  expect(await ask('unplug')).toEqual(inputs.map(() => ({ ok: true })));
  for (const input of inputs) await demo.says(new RegExp(`DISPLAYED .* ET zone - {2}Input ${input} down`));
  expect(await ask('replug')).toEqual(inputs.map(() => ({ ok: true })));
  for (const input of inputs) await demo.says(new RegExp(`DISPLAYED .* ER zone - {2}Restored: Input ${input} down`));
  // As in a CI job, which has no input.
  demo.child.stdin?.end();
  const { code, stdout } = await demo.ended;
  expect(code).toBe(0);
  for (const input of inputs) expect(stdout.match(new RegExp(` ET .*Input ${input} down`, 'g'))).toHaveLength(1);
});

test('--help exits 0 and tells the options; what it does not know exits 2', async () => {
  const [help, unknown, impatient] = await Promise.all([
    start(['--help']).ended,
    start(['--receiver', 'sulk']).ended,
    start(['--patience', '0']).ended,
  ]);
  expect(help.code).toBe(0);
  for (const option of ['--once', '--each-input', '--each-path', '--json', '--receiver', '--patience'])
    expect(help.stdout).toContain(option);
  expect(unknown.code).toBe(2);
  expect(impatient).toMatchObject({ code: 2, stderr: expect.stringContaining('a whole number from 1 to 20') });
});
