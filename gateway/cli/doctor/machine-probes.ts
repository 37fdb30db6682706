import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { openKernelClock } from '../../system/kernel-clock.ts';
import { type Finding, ok, type Probe, unknown } from './finding.ts';
import {
  clockSourceVerdict,
  dateVerdict,
  memoryVerdict,
  nodeVerdict,
  noRtc,
  offsetVerdict,
  readOffset,
  readSynchronised,
  rtcVerdict,
  synchronisedVerdict,
  throttleVerdict,
  zoneVerdict,
} from './machine-verdicts.ts';

/** Where the kernel shows itself. */
export interface Roots {
  readonly proc: string;
  readonly sys: string;
  readonly dev: string;
  readonly run: string;
}

export const ROOTS: Roots = { proc: '/proc', sys: '/sys', dev: '/dev', run: '/run' };

const COMMAND_MS = 3_000;
const THROTTLED = 'devices/platform/soc/soc:firmware/get_throttled';
const RTC = 'class/rtc/rtc0';
const CLOCK_SOURCE = 'devices/system/clocksource/clocksource0/current_clocksource';

/** What a test may replace: programs of the machine, and its clock. */
interface Outside {
  readonly run: typeof outputOf;
  readonly now: () => Date;
  /** Whether the kernel's clock follows a reference; `undefined`: it does not say. */
  readonly kernelClock: () => Promise<boolean | undefined>;
}

const REAL: Outside = {
  run: outputOf,
  now: () => new Date(),
  kernelClock: async () => (await openKernelClock())(),
};

export function machineProbes(roots: Roots, outside: Partial<Outside> = {}): readonly Probe[] {
  const all = { ...REAL, ...outside };
  return [
    { subject: 'Node.js', look: () => [nodeVerdict(process.versions.node)] },
    { subject: 'machine', look: async () => [memoryVerdict(cpus().length, totalmem(), await availableBytes(roots))] },
    { subject: 'supply', look: () => supply(roots, all) },
    { subject: 'clock', look: () => clock(roots, all) },
  ];
}

async function availableBytes({ proc }: Roots): Promise<number | undefined> {
  const kilobytes = /^MemAvailable:\s*(\d+) kB$/m.exec((await contentOf(join(proc, 'meminfo'))) ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

async function supply({ proc, sys }: Roots, { run }: Outside): Promise<Finding[]> {
  const model = await contentOf(join(proc, 'device-tree/model'));
  if (model?.includes('Raspberry Pi') !== true) return [];
  const name = model.replaceAll('\0', '').trim();
  const flags = (await contentOf(join(sys, THROTTLED))) ?? (await run('vcgencmd', ['get_throttled']));
  if (flags !== undefined) return [ok(name), throttleVerdict(flags)];
  const remedy = 'Run vcgencmd get_throttled as a user in the group "video".';
  return [ok(name), unknown('not known whether the supply voltage is high enough', remedy)];
}

async function clock(roots: Roots, { run, now, kernelClock }: Outside): Promise<Finding[]> {
  const { sys } = roots;
  const source = await contentOf(join(sys, CLOCK_SOURCE));
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // chrony may keep the clock without telling systemd.
  const [systemd, chrony, timesync, kernel] = await Promise.all([
    run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value']),
    run('chronyc', ['-n', 'tracking']),
    run('timedatectl', ['timesync-status']),
    kernelClock(),
  ]);
  const told = readSynchronised(systemd ?? '');
  const isSynchronised = told === true ? true : (readSynchronised(chrony ?? '') ?? told ?? kernel);
  return [
    dateVerdict(now()),
    ...(source === undefined ? [] : [clockSourceVerdict(source.trim())]),
    synchronisedVerdict(isSynchronised),
    ...offsetVerdict(readOffset(chrony ?? '') ?? readOffset(timesync ?? '')),
    ...(await hardwareClock(roots, now(), isSynchronised)),
    zoneVerdict(zone, now().toLocaleTimeString('en-GB')),
  ];
}

async function hardwareClock({ proc, sys }: Roots, now: Date, isSynchronised: boolean | undefined) {
  const seconds = (await contentOf(join(sys, RTC, 'since_epoch')))?.trim();
  if (seconds !== undefined)
    return [rtcVerdict({ rtcMs: Number(seconds) * 1000, nowMs: now.getTime(), isSynchronised })];
  // Another machine than a Pi may keep its time where Linux does not show it.
  return (await contentOf(join(proc, 'device-tree/model')))?.includes('Raspberry Pi') === true ? [noRtc()] : [];
}

/** `undefined`: there is no such file, or it cannot be read. */
export async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    // Not on this machine, or not for this user: the caller says what is not known then.
    return undefined;
  }
}

/** What a program prints; `undefined`: it is not there, failed or hangs. */
export function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  // SIGKILL, because what hangs may ignore SIGTERM, and must not stay behind.
  const options = { timeout: COMMAND_MS, killSignal: 'SIGKILL', env: { ...process.env, LC_ALL: 'C' } } as const;
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout) => resolve(error === null ? stdout : undefined));
  });
}
