import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { listAlerts } from '../../gateway/cli/alerts.ts';
import { readJournal } from '../../gateway/journal/read-journal.ts';
import { verifyJournal } from '../../gateway/journal/verify-journal.ts';
import { nodeArguments } from './support/processes.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';

const CHILD = 'test/integration/support/gateway-that-dies.ts';
const NEVER = 0;
/**
 * A press takes some 24 steps across the gateway's edges. If its writes and publications leave
 * together, there are a few less.
 */
const STEPS = 24;
/** CI tests every step, a manual run every second one: each needs a process. */
const { CI } = process.env;
const STRIDE = CI === 'true' ? 1 : 2;
const LEAST_STEPS = 18 / STRIDE;
/** A press takes its last steps soon after its green light. */
const DONE_MS = 2_000;

let site: SmallSite;
let receiver: Receiver;
let simulator: SiteSimulator;
const children: ChildProcess[] = [];

beforeAll(async () => {
  const receiverPort = await freePort();
  site = await smallSite({ receiverPort, rooms: STEPS });
  const far = readSite(site.file, epochNow());
  receiver = await startReceiver({ port: receiverPort, accounts: far.accounts });
  simulator = new SiteSimulator(far, 1);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  simulator.stop();
  await receiver.close();
  site.remove();
});

interface Life {
  readonly child: ChildProcess;
  readonly lines: string[];
  until(line: string | RegExp): Promise<void>;
  readonly ended: Promise<unknown>;
}

/** A gateway process that kills itself at its `dieAt`-th step after `arm`. */
function loadLife(dieAt: number): Life {
  const child = spawn(process.execPath, [...nodeArguments(CHILD), site.file, site.data, String(dieAt)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  children.push(child);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const check of waiting) check();
  });
  const until = (wanted: string | RegExp) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!lines.some((line) => (typeof wanted === 'string' ? line === wanted : wanted.test(line)))) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { child, lines, until, ended: once(child, 'exit') };
}

async function accepted(device: string): Promise<void> {
  if (simulator.led(device) === 'green') return;
  await new Promise<void>((resolve) => {
    simulator.onLed((id, led) => {
      if (id === device && led === 'green') resolve();
    });
  });
}

async function started(life: Life): Promise<void> {
  life.child.stdin?.write('start\n');
  await life.until('ready');
}

/**
 * Returns true if it killed itself. If the press took fewer steps, the process is killed when the
 * press is through.
 */
async function diedByItself(life: Life, device: string): Promise<boolean> {
  const done = accepted(device).then(() => sleep(DONE_MS, false));
  if (await Promise.race([life.ended.then(() => true), done])) return true;
  life.child.kill('SIGKILL');
  await life.ended;
  return false;
}

/** Each life has its own button, so that none waits behind another in its node. */
async function armedAndPressed(life: Life, device: string): Promise<string> {
  await started(life);
  life.child.stdin?.write('arm\n');
  await life.until('armed');
  return simulator.press(device, '0', 'single')?.alert ?? '';
}

test('kill -9 at every step of a press: none is lost, none is displayed twice', { timeout: 240_000 }, async () => {
  const alerts: string[] = [];
  const died = new Set<string>();
  // The next process loads its code while this one lives. It touches nothing before the line
  // `start`.
  let next = loadLife(1);
  for (let dieAt = 1; dieAt <= STEPS; dieAt += STRIDE) {
    const life = next;
    next = loadLife(dieAt + STRIDE <= STEPS ? dieAt + STRIDE : NEVER);
    const device = `wb-${100 + dieAt}`;
    alerts.push(await armedAndPressed(life, device));
    if (await diedByItself(life, device)) died.add(life.lines.at(-1) ?? '');
  }
  expect(died.size).toBeGreaterThanOrEqual(LEAST_STEPS);

  const last = next;
  await started(last);
  await receiver.until((desk) => alerts.every((id) => desk.displayed.some((event) => event.reportId === id)));
  for (let room = 101; room <= 100 + STEPS; room += STRIDE) await accepted(`wb-${room}`);
  last.child.kill('SIGKILL');
  await last.ended;

  const displayed = receiver.displayed.map((event) => event.reportId).filter((id) => id?.startsWith('wb-'));
  expect(displayed.sort()).toEqual([...alerts].sort());
  // A press that a receiver acknowledged before it was durable may be missing here. None appears
  // twice.
  const journal = join(site.data, 'journal');
  const kept = listAlerts(readJournal(journal)).map((alert) => alert.id);
  expect(new Set(kept).size).toBe(kept.length);
  expect(alerts).toEqual(expect.arrayContaining(kept));
  expect(verifyJournal(journal).problems).toEqual([]);
  // A start before a crash only costs the disk what it wrote, not a whole segment.
  const bytes = readdirSync(journal).reduce((sum, name) => sum + statSync(join(journal, name)).size, 0);
  expect(bytes).toBeLessThan(2 * 1024 * 1024);
});
