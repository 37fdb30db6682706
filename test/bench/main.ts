import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { readSite } from '../../device-sim/site/site-file.ts';
import { monoMs } from '../../gateway/clock.ts';
import { type BenchSite, writeBenchSite } from './bench-site.ts';
import { PressRig, type PressTimes } from './press-rig.ts';
import { type Quantiles, quantiles } from './quantiles.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STORM = 1000;
const SETTLE_WITHIN_MS = 30_000;

interface Phase {
  readonly presses: number;
  readonly firstByteMs: Quantiles;
  readonly acknowledgedMs: Quantiles;
  readonly lost: number;
  readonly duplicated: number;
}

interface BenchResult {
  readonly node: string;
  readonly startToReadyMs: number;
  readonly idle: Phase;
  readonly stormSpread: Phase;
  readonly stormAtOnce: Phase;
  readonly residentMb: { readonly ready: number; readonly afterStorms: number };
}

function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kb) / 102.4) / 10;
}

/** The compiled gateway, as it runs on a Pi. Resolves when it says it is ready. */
async function startGateway(
  site: BenchSite,
  directory: string,
): Promise<{ pid: number; readyMs: number; stop(): Promise<void> }> {
  const startedMs = monoMs();
  const main = join(ROOT, 'dist/gateway/cli/main.js');
  const child = spawn(process.execPath, [...(process.env['BENCH_PROF'] ? ['--cpu-prof', '--cpu-prof-dir=/tmp/prof'] : []), main, 'run', '--config', site.file, '--data', join(directory, 'data')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.includes('"event":"ready"')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)));
  });
  const readyMs = monoMs() - startedMs;
  return {
    pid: child.pid ?? 0,
    readyMs,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function settled(times: readonly PressTimes[]): Promise<void> {
  const untilMs = monoMs() + SETTLE_WITHIN_MS;
  while (monoMs() < untilMs && times.some((each) => each.acceptedMs === undefined)) await sleep(20);
}

async function runPhase(rig: PressRig, receiver: Receiver, count: number, gapMs: number): Promise<Phase> {
  const presses = rig.prepare(count);
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
  };
}

async function bench(options: { idle: number; connections: number }): Promise<BenchResult> {
  execFileSync(process.execPath, [
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    '-p',
    join(ROOT, 'tsconfig.build.json'),
  ]);
  // Beside the project, not in memory: the journal's disk is part of what is measured.
  mkdirSync(join(ROOT, '.callpoint'), { recursive: true });
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-bench-'));
  const reserved = await startReceiver({ port: 0, accounts: [] });
  const { port } = reserved;
  await reserved.close();
  const site = writeBenchSite(directory, port, 0, options.connections);
  const receiver = await startReceiver({ port, accounts: readSite(site.file, 1).accounts });
  const rig = new PressRig(site, receiver);
  const gateway = await startGateway(site, directory);
  try {
    await receiver.until((each) => each.polls > 0);
    const ready = residentMb(gateway.pid);
    const idle = await runPhase(rig, receiver, options.idle, 1000);
    const stormSpread = await runPhase(rig, receiver, STORM, 1);
    await sleep(1000);
    const stormAtOnce = await runPhase(rig, receiver, STORM, 0);
    const afterStorms = residentMb(gateway.pid);
    const startToReadyMs = Math.round(gateway.readyMs);
    return {
      node: process.version,
      startToReadyMs,
      idle,
      stormSpread,
      stormAtOnce,
      residentMb: { ready, afterStorms },
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
  const counts = `${String(phase.lost).padStart(6)}${String(phase.duplicated).padStart(8)}`;
  return `${name.padEnd(28)}${cells(phase.firstByteMs)}   ${cells(phase.acknowledgedMs)} ${counts}`;
}

function print(result: BenchResult): void {
  process.stdout.write(`
Node ${result.node}, compiled gateway, 200 devices, AES-128 receiver; ms from the press complete on the wire
${' '.repeat(28)}${'first byte at the receiver'.padEnd(35)}accepted, back at the wall
${' '.repeat(28)}     p50     p99   p99.9     max        p50     p99   p99.9     max   lost doubled
${row(`${result.idle.presses} presses, 1/s`, result.idle)}
${row('1,000 within a second', result.stormSpread)}
${row('1,000 at one instant', result.stormAtOnce)}

start to ready ${result.startToReadyMs} ms; resident ${result.residentMb.ready} MB when ready, ${result.residentMb.afterStorms} MB after the storms
`);
}

const command = new Command('npm run bench --')
  .description('Measures the compiled gateway from the serial line to the receiver and back.')
  .option('--json', 'one JSON object on stdout')
  .option('--idle <n>', 'presses at one a second', Number, 100)
  .option('--connections <n>', 'parallel connections to the receiver', Number, 4)
  .action(async (options: { json?: boolean; idle: number; connections: number }) => {
    const result = await bench(options);
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else print(result);
  });
await command.parseAsync();
