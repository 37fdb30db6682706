import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { readSite } from '../../device-sim/site/site-file.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { compile, type GatewayUnderTest, startCompiledGateway } from '../rig/gateway-under-test.ts';
import { type Quantiles, quantiles } from '../rig/quantiles.ts';
import { writeBenchSite } from './bench-site.ts';
import { writeFigures } from './figures-page.ts';
import { PressRig, type PressTimes } from './press-rig.ts';
import { warmRig } from './warm-rig.ts';

const STORM = 1000;
const SETTLE_WITHIN_MS = 30_000;

interface Options {
  readonly idle: number;
  readonly connections: number;
  readonly nodeFlags: string;
}

interface Setup {
  readonly rig: PressRig;
  readonly receiver: Receiver;
  readonly gateway: GatewayUnderTest;
}

interface Phase {
  readonly presses: number;
  readonly firstByteMs: Quantiles;
  readonly acknowledgedMs: Quantiles;
  readonly lost: number;
  readonly duplicated: number;
  readonly cpuMsPerPress: number;
}

interface BenchResult {
  readonly node: string;
  readonly nodeFlags: readonly string[];
  readonly startToReadyMs: number;
  readonly first: Phase;
  readonly idle: Phase;
  readonly stormSpread: Phase;
  readonly stormAgain: Phase;
  readonly stormAtOnce: Phase;
  readonly residentMb: { readonly ready: number; readonly afterStorms: number };
}

async function settled(times: readonly PressTimes[]): Promise<void> {
  const untilMs = monoMs() + SETTLE_WITHIN_MS;
  while (monoMs() < untilMs && times.some((each) => each.acceptedMs === undefined)) await sleep(20);
}

async function runPhase(setup: Setup, count: number, gapMs: number): Promise<Phase> {
  const { rig, receiver, gateway } = setup;
  const presses = rig.prepare(count);
  const cpuBeforeMs = gateway.cpuMs();
  const startMs = monoMs();
  for (const [index, press] of presses.entries()) {
    const dueMs = startMs + index * gapMs;
    if (gapMs > 0 && monoMs() < dueMs) await sleep(dueMs - monoMs());
    rig.press(press);
  }
  const times = presses.flatMap(({ id }) => rig.times.get(id) ?? []);
  await settled(times);
  const ids = new Set(presses.map(({ id }) => id));
  const arrivals = receiver.events.filter((event) => ids.has(event.reportId ?? ''));
  const arrived = new Set(arrivals.map((event) => event.reportId));
  const since = (pick: (each: PressTimes) => number | undefined) =>
    quantiles(times.flatMap((each) => (pick(each) === undefined ? [] : [(pick(each) ?? 0) - each.wireMs])));
  return {
    presses: count,
    firstByteMs: since((each) => each.receiverMs),
    acknowledgedMs: since((each) => each.acceptedMs),
    lost: count - arrived.size,
    duplicated: arrivals.length - arrived.size,
    cpuMsPerPress: Math.round(((gateway.cpuMs() - cpuBeforeMs) / count) * 100) / 100,
  };
}

async function bench(options: Options): Promise<BenchResult> {
  compile();
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-bench-'));
  const port = await freePort();
  const site = writeBenchSite(directory, port, 0, options.connections);
  const receiver = await startReceiver({ port, accounts: readSite(site.file, 1).accounts });
  const rig = new PressRig(site, receiver);
  await warmRig(rig);
  const flags = options.nodeFlags === '' ? [] : options.nodeFlags.split(' ');
  const gateway = await startCompiledGateway(site.file, join(directory, 'data'), flags);
  const setup = { rig, receiver, gateway };
  try {
    await receiver.until((each) => each.polls > 0);
    const ready = gateway.residentMb();
    const first = await runPhase(setup, 1, 0);
    await gateway.rehearsed;
    const idle = await runPhase(setup, options.idle, 1000);
    const stormSpread = await runPhase(setup, STORM, 1);
    await sleep(1000);
    const stormAgain = await runPhase(setup, STORM, 1);
    await sleep(1000);
    const stormAtOnce = await runPhase(setup, STORM, 0);
    const residentMb = { ready, afterStorms: gateway.residentMb() };
    const startToReadyMs = Math.round(gateway.readyMs);
    return {
      node: process.version,
      nodeFlags: flags,
      startToReadyMs,
      first,
      idle,
      stormSpread,
      stormAgain,
      stormAtOnce,
      residentMb,
    };
  } finally {
    await gateway.stop();
    rig.close();
    await receiver.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function row(name: string, phase: Phase): string {
  const cells = (q: Quantiles) => [q.p50, q.p99, q.p999, q.max].map((ms) => ms.toFixed(2).padStart(8)).join('');
  const counts = `${String(phase.lost).padStart(6)}${String(phase.duplicated).padStart(8)}${phase.cpuMsPerPress.toFixed(2).padStart(8)}`;
  return `${name.padEnd(28)}${cells(phase.firstByteMs)}   ${cells(phase.acknowledgedMs)} ${counts}`;
}

function tableOf(result: BenchResult): string {
  return `
Node ${result.node} ${result.nodeFlags.join(' ')}, compiled gateway, 200 devices, AES-128 receiver
ms from the press complete on the wire; CPU: the gateway's own, ms a press, all threads
${' '.repeat(28)}${'first byte at the receiver'.padEnd(35)}accepted, back at the wall
${' '.repeat(28)}     p50     p99   p99.9     max        p50     p99   p99.9     max   lost doubled     CPU
${row('the first press after start', result.first)}
${row(`${result.idle.presses} presses, 1/s`, result.idle)}
${row('1,000 within a second', result.stormSpread)}
${row('1,000 within a second, again', result.stormAgain)}
${row('1,000 at one instant', result.stormAtOnce)}

start to ready ${result.startToReadyMs} ms; resident ${result.residentMb.ready} MB when ready, ${result.residentMb.afterStorms} MB after the storms
`;
}

const command = new Command('npm run bench --')
  .description('Measures the compiled gateway from the serial line to the receiver and back.')
  .option('--json', 'one JSON object on stdout')
  .option('--idle <n>', 'presses at one a second', Number, 100)
  .option('--connections <n>', 'parallel connections to the receiver', Number, 4)
  .option('--node-flags <flags>', 'how Node runs the gateway', '--max-semi-space-size=4 --initial-heap-size=96')
  .option('--write', 'put the figures into test/bench/README.md')
  .action(async (options: Options & { json?: boolean; write?: boolean }) => {
    const result = await bench(options);
    process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : tableOf(result));
    if (options.write) writeFigures('bench', tableOf(result));
  });
await command.parseAsync();
