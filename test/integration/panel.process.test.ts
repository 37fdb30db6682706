import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { until } from '../rig/waiting.ts';
import { nodeArguments, SIM } from './support/processes.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';
import { Waiting } from './support/waiting.ts';

const ENTERED = '\u001b[?1049h';
const LEFT = '\u001b[?1049l';
const CTRL_C = '\u0003';

/** A command at a terminal of 80 columns and 24 rows. */
class AtTerminal {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly #pty: PseudoTerminal = openPseudoTerminal();
  readonly #waiting = new Waiting();
  output = '';

  constructor(args: readonly string[], env: NodeJS.ProcessEnv, imports: readonly string[] = []) {
    const terminal = openSync(this.#pty.path, 'r+');
    this.#pty.onData((bytes) => {
      this.output += Buffer.from(bytes).toString();
      this.#waiting.check();
    });
    const node = [...imports.flatMap((each) => ['--import', each]), ...nodeArguments(SIM), ...args];
    this.child = spawn(process.execPath, node, {
      env: { ...process.env, TERM: 'xterm', LANG: 'C.UTF-8', ...env },
      stdio: [terminal, terminal, terminal],
    });
    closeSync(terminal);
    this.ended = once(this.child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  }

  async shows(text: string): Promise<void> {
    const shown = () => stripVTControlCharacters(this.output);
    await this.#waiting.until(text, () => shown().includes(text) || this.output.includes(text), shown, 30_000);
  }

  type(keys: string): void {
    this.#pty.write(Buffer.from(keys));
  }

  async close(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
    this.#pty.close();
  }
}

let site: SmallSite;
let temporary: string;
const opened: AtTerminal[] = [];
beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), 'callpoint-panel-'));
  site = await smallSite({ receiverPort: await freePort() });
});
afterEach(async () => {
  for (const terminal of opened.splice(0)) await terminal.close();
});
afterAll(() => {
  site.remove();
  rmSync(temporary, { recursive: true });
});

function open(env: NodeJS.ProcessEnv = {}, imports: readonly string[] = [], more: readonly string[] = []): AtTerminal {
  const args = ['serve', site.file, '--ui', ...more];
  const terminal = new AtTerminal(args, { TMPDIR: temporary, ...env }, imports);
  opened.push(terminal);
  return terminal;
}

test('with a gateway: a press at the keyboard is displayed at the far end, with its time; q ends all of it', async () => {
  const panel = open({}, [], ['--with-gateway']);
  await panel.shows(ENTERED);
  await panel.shows('gateway ready');
  panel.type('p');
  await panel.shows('wb-101: press of button-1');
  await panel.shows('Hold-up, Main building, First floor, Rm 101');
  await panel.shows(' ms  #1234');
  await panel.shows('● green');
  panel.type('q');
  expect(await panel.ended).toBe(0);
  expect(panel.output.lastIndexOf(LEFT)).toBeGreaterThan(panel.output.lastIndexOf(ENTERED));
  expect(readdirSync(temporary)).toEqual([]);
});

test('a chosen fault is set: the far end that hangs is named, and a cut input', async () => {
  const panel = open({}, [], ['--with-receivers']);
  await panel.shows('? shows the keys');
  panel.type('b');
  await panel.shows('Who misbehaves');
  panel.type('cent\r');
  await panel.shows('How does it behave: central');
  panel.type('hang\r');
  await panel.shows('central behaves: hang');
  await panel.shows('central hang 0');
  panel.type('c');
  await panel.shows('bus-1 is cut');
  panel.type('p');
  await panel.shows('but bus-1 is cut: no gateway hears it');
});

test.each([
  ['Ctrl-C', (panel: AtTerminal) => panel.type(CTRL_C), 0],
  ['SIGTERM', (panel: AtTerminal) => panel.child.kill('SIGTERM'), 0],
  ['SIGHUP', (panel: AtTerminal) => panel.child.kill('SIGHUP'), 0],
  // The kernel and a shell both send it when a terminal is closed.
  [
    'SIGHUP, twice',
    (panel: AtTerminal) => {
      panel.child.kill('SIGHUP');
      panel.child.kill('SIGHUP');
    },
    0,
  ],
])('%s gives the terminal back', async (_, end, code) => {
  const panel = open();
  await panel.shows('2 devices');
  end(panel);
  expect(await panel.ended).toBe(code);
  await panel.shows(LEFT);
});

test('a crash gives the terminal back before its message, so that the message is seen', async () => {
  const crash = join(temporary, 'crash.mjs');
  writeFileSync(crash, "process.on('SIGUSR2', () => { throw new Error('planted'); });");
  const panel = open({}, [pathToFileURL(crash).href]);
  await panel.shows('2 devices');
  panel.child.kill('SIGUSR2');
  expect(await panel.ended).not.toBe(0);
  await panel.shows('Error: planted');
  expect(panel.output.indexOf('Error: planted')).toBeGreaterThan(panel.output.indexOf(LEFT));
  rmSync(crash);
});

test.each([
  ['on a dumb terminal', { TERM: 'dumb' }, []],
  ['with --json', {}, ['--json']],
])('%s it prints lines', async (_, env, more) => {
  const panel = open(env, [], more);
  await panel.shows('wb-101, wb-102'.slice(0, 6));
  panel.child.kill('SIGTERM');
  expect(await panel.ended).toBe(0);
  expect(panel.output).not.toContain('\u001b');
});

test('of a killed simulator the gateway ends by itself, and the next start removes what is left', async () => {
  const killed = open({}, [], ['--with-gateway']);
  await killed.shows('gateway ready');
  const directory = readdirSync(temporary).find((name) => /^callpoint-sim-\w{6}$/.test(name)) ?? '';
  const gateway = join(temporary, directory, 'data/control.sock');
  expect(existsSync(gateway)).toBe(true);
  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(await until(() => !existsSync(gateway), 20_000)).toBe(true);
  const left = readdirSync(temporary);
  expect(left).toContain(directory);
  const anHourAgo = new Date(Date.now() - 3_600_000);
  for (const name of left) if (name.endsWith('.sock')) utimesSync(join(temporary, name), anHourAgo, anHourAgo);
  utimesSync(join(temporary, directory, 'alive.sock'), anHourAgo, anHourAgo);
  const next = open({ TERM: 'dumb' });
  await next.shows('Press one:');
  expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^callpoint-sim-[0-9a-f]{16}-inputs\.sock$/)]);
});
