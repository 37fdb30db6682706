import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, type TestContext, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { NotifyReceiver } from './support/notify-receiver.ts';
import { CALLPOINT, Command } from './support/processes.ts';
import { smallSite } from './support/small-site.ts';

const FEED = 'WATCHDOG=1';
/** An internal press each quarter of a second. */
const WATCHDOG_USEC = '1000000';

/** A real gateway whose service manager is listened to. */
async function supervised(
  onTestFinished: TestContext['onTestFinished'],
  { name, env = {} }: { name?: string; env?: NodeJS.ProcessEnv } = {},
) {
  const receiverPort = await freePort();
  const site = await smallSite({ receiverPort });
  const far = readSite(site.file, epochNow());
  const receiver = await startReceiver({ port: receiverPort, accounts: far.accounts });
  const simulator = new SiteSimulator(far, 1);
  const socket = name ?? join(site.directory, 'notify');
  const manager = await NotifyReceiver.open(socket);
  const args = ['run', '--no-warm-up', '--config', site.file, '--data', site.data];
  const command = new Command(CALLPOINT, args, { env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC, ...env } });
  onTestFinished(async () => {
    await command.kill();
    manager.close();
    simulator.stop();
    await receiver.close();
    site.remove();
  });
  return { site, manager, command, simulator, pid: command.child.pid ?? 0 };
}

test('a service manager hears of the start, the state, each reload and the stop, from the gateway alone', async ({
  onTestFinished,
}) => {
  const { manager, command, simulator, pid } = await supervised(onTestFinished);
  await manager.has('READY=1', 1);
  expect(manager.notices[1]?.text).toMatch(/^EXTEND_TIMEOUT_USEC=\d+$/);
  await command.says(/"event":"ready"/);
  await manager.has('STATUS=Ready · no troubles · no open alerts', 1);
  await manager.hasMore(FEED, 4);
  simulator.press('wb-101', '1', 'single');
  await manager.has('STATUS=Ready · no troubles · 1 open alert', 1);

  command.child.kill('SIGHUP');
  await manager.has('READY=1', 2);
  const texts = manager.notices.map(({ text }) => text);
  const reloading = texts.findIndex((text) => /^RELOADING=1\nMONOTONIC_USEC=\d+$/.test(text));
  expect(reloading).toBeGreaterThan(texts.indexOf('READY=1'));
  expect(reloading).toBeLessThan(texts.lastIndexOf('READY=1'));
  await manager.hasMore(FEED, 2);

  expect((await command.stop()).code).toBe(0);
  await manager.has('STOPPING=1\nSTATUS=Stopping', 1);
  expect(new Set(manager.notices.slice(1).map((notice) => notice.pid))).toEqual(new Set([pid]));
});

test('an abstract socket is as good as a path, and no child process gets its name', async ({ onTestFinished }) => {
  const name = `@callpoint-${process.pid}-notify`;
  const { manager, pid } = await supervised(onTestFinished, { name });
  await manager.has('READY=1', 1);
  await manager.hasMore(FEED, 2);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  for (const child of children) expect(readFileSync(`/proc/${child}/environ`, 'utf8')).not.toContain('NOTIFY_SOCKET');
});

/** Makes the main thread's event loop stand still at a SIGWINCH: a busy loop that never ends. */
const BUSY = `data:text/javascript,${encodeURIComponent(
  "import { isMainThread } from 'node:worker_threads'; if (isMainThread) process.on('SIGWINCH', () => { for (;;); });",
)}`;

test('a main thread that is busy for ever is not fed', async ({ onTestFinished }) => {
  const { manager, command, pid } = await supervised(onTestFinished, { env: { NODE_OPTIONS: `--import ${BUSY}` } });
  await manager.has('READY=1', 1);
  await manager.hasMore(FEED, 2);
  command.child.kill('SIGWINCH');
  const begunTicks = await ticksOf(pid);
  // Once it has been busy for some time, nothing that it said before is still under way.
  while ((await ticksOf(pid)) < begunTicks + 30) await sleep(20);
  const fed = manager.count(FEED);
  while ((await ticksOf(pid)) < begunTicks + 130) await sleep(20);
  expect(manager.count(FEED)).toBe(fed);
});

/** Time that the main thread has used, in ticks of 10 ms: fields 14 and 15 of proc(5) stat. */
async function ticksOf(pid: number): Promise<number> {
  const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
