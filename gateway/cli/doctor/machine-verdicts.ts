import { type Finding, ok, problem, unknown, warning } from './finding.ts';

/**
 * Node versions that Callpoint is tested with, as in package.json: from the first, below the last.
 */
const NODE = { from: [20, 19], below: 26 } as const;
const MIB = 1024 * 1024;
const MEMORY_LOW = 384 * MIB;
const AVAILABLE_LOW = 96 * MIB;

export function nodeVerdict(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = NODE.from;
  const isOld = major < leastMajor || (major === leastMajor && minor < leastMinor);
  if (!isOld && major < NODE.below) return ok(`Node.js ${version}`);
  const wanted = `${leastMajor}.${leastMinor} or newer, below ${NODE.below}`;
  return problem(`Node.js ${version} is not supported`, `Install Node.js ${wanted}.`);
}

/** @param availableBytes `undefined`: not known */
export function memoryVerdict(cpus: number, totalBytes: number, availableBytes: number | undefined): Finding {
  const free = availableBytes === undefined ? '' : `, ${mib(availableBytes)} of it free`;
  const text = `${cpus} processor${cpus === 1 ? '' : 's'}, ${mib(totalBytes)} of memory${free}`;
  if (availableBytes !== undefined && availableBytes < AVAILABLE_LOW) {
    return warning(text, 'Stop other programs: without free memory the gateway stalls.');
  }
  if (totalBytes < MEMORY_LOW) return warning(text, 'Use a machine with 512 MiB or more.');
  return ok(text);
}

/**
 * Flags of the Pi's firmware (`vcgencmd get_throttled`): bits 0 to 3 now, bits 16 to 19 since the
 * start of the machine.
 *
 * @param flags hexadecimal, with or without 0x
 */
export function throttleVerdict(flags: string): Finding {
  const text = flags.trim().replace(/^throttled=/, '');
  const bits = /^(0x)?[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text.replace(/^0x/i, ''), 16) : undefined;
  if (bits === undefined) return unknown(`the firmware says ${JSON.stringify(text)}`, 'Run vcgencmd get_throttled.');
  const has = (bit: number) => ((bits >>> bit) & 1) === 1;
  const supply = 'Use the supply made for this Pi, a short cable, and less on its USB ports.';
  const cooling = 'Cool it: the processor runs slower than it can.';
  if (has(0)) return problem('the supply voltage is too low now', supply);
  if (has(16)) return warning('the supply voltage was too low since the machine started', supply);
  if (has(1) || has(2) || has(3)) return warning('the processor is slowed down because it is hot', cooling);
  if (has(17) || has(18) || has(19)) return warning('the processor was slowed down since the start', cooling);
  return ok('supply voltage and temperature are well');
}

export function clockSourceVerdict(name: string): Finding {
  if (!/^(jiffies|refined-jiffies|acpi_pm|pit)$/.test(name)) return ok(`clock source ${name}`);
  return warning(
    `clock source ${name} is slow or coarse`,
    'Look for another: available_clocksource beside it in /sys.',
  );
}

/** No clock is right that is earlier: the year of this program. */
const YEAR_LEAST = 2026;

/** A Pi has no clock of its own: without a time server it begins in 1970, or where it stopped. */
export function dateVerdict(now: Date): Finding {
  const day = now.toISOString().slice(0, 10);
  if (now.getUTCFullYear() >= YEAR_LEAST) return ok(`the date is ${day}`);
  const remedy = 'Reach a time server, or fit a clock (RTC). Receivers refuse wrong times, and walls get no answers.';
  return problem(`the date is ${day}, which cannot be right`, remedy);
}

/** Seconds by which DC-09 receivers let a clock be wrong at most (SIA DC-09 §5.5.1.9: +20, -40). */
const OFFSET_SECONDS_MAX = 20;

/** @param seconds how far the clock is off; `undefined`: not known */
export function offsetVerdict(seconds: number | undefined): readonly Finding[] {
  if (seconds === undefined) return [];
  const ms = Math.abs(seconds) * 1000;
  const text = `the clock is off by ${ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(1)} s`}`;
  const remedy = 'See that a time server is reached (timedatectl timesync-status, or chronyc tracking).';
  if (Math.abs(seconds) > OFFSET_SECONDS_MAX) return [problem(`${text}: receivers refuse its times`, remedy)];
  return [Math.abs(seconds) > 1 ? warning(text, remedy) : ok(text)];
}

/**
 * From `chronyc -n tracking` or `timedatectl timesync-status`, in seconds.
 * @returns `undefined`: it does not say
 */
export function readOffset(output: string): number | undefined {
  const chrony = /^System time\s*: ([\d.]+) seconds (slow|fast)/m.exec(output);
  if (chrony !== null) return Number(chrony[1]) * (chrony[2] === 'slow' ? -1 : 1);
  const systemd = /^[ \t]*Offset: ([+-]?)((?:[\d.]+(?:us|ms|s|min|h|d) ?)+)$/m.exec(output);
  if (systemd === null) return undefined;
  const units: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 };
  const parts = [...(systemd[2] ?? '').matchAll(/([\d.]+)(us|ms|min|s|h|d)/g)];
  const seconds = parts.reduce((sum, [, value, unit = '']) => sum + Number(value) * (units[unit] ?? 0), 0);
  return systemd[1] === '-' ? -seconds : seconds;
}

/** The zone decides what people read, never what receivers get. */
export function zoneVerdict(zone: string, localTime: string): Finding {
  const text = `time zone ${zone}: it is now ${localTime} here`;
  if (!/^(UTC|Etc\/.*|GMT)$/.test(zone)) return ok(text);
  return warning(
    `${text}, which is no school's own time`,
    'Set it, for example: timedatectl set-timezone America/New_York',
  );
}

/** A hardware clock that is off by more was not set since its battery was empty. */
const RTC_SECONDS_MAX = 60;

/** @param clock `isSynchronised`: without a reference nobody knows which of the two is wrong */
export function rtcVerdict(clock: {
  readonly rtcMs: number;
  readonly nowMs: number;
  readonly isSynchronised: boolean | undefined;
}): Finding {
  const { rtcMs, nowMs, isSynchronised } = clock;
  const offSeconds = Math.round(Math.abs(rtcMs - nowMs) / 1000);
  if (offSeconds <= RTC_SECONDS_MAX) return ok('the hardware clock (RTC) has the same time');
  const text = `the hardware clock (RTC) differs by ${offSeconds} s`;
  if (isSynchronised !== true) return warning(text, 'Set the clock by hand (timedatectl set-time), which sets both.');
  return warning(text, 'Look at its battery, and charge or change it: after a power cut the date will be wrong.');
}

export function noRtc(): Finding {
  const remedy = 'Fit one with a battery (hardware/pi): without network the time is wrong after a power cut.';
  return warning('there is no hardware clock (RTC)', remedy);
}

/** Whether the wall clock follows a time server; `undefined`: not known. */
export function synchronisedVerdict(isSynchronised: boolean | undefined): Finding {
  if (isSynchronised === true) return ok('the time is synchronised');
  if (isSynchronised === false) {
    const remedy = 'Run timedatectl set-ntp true, and see that a time server is reached. Receivers refuse wrong times.';
    return warning('the time is not synchronised', remedy);
  }
  return unknown('not known whether the time is synchronised', 'Compare date -u with a clock that is right.');
}

/** From `timedatectl show -p NTPSynchronized --value` or `chronyc -n tracking`. */
export function readSynchronised(output: string): boolean | undefined {
  const text = output.trim();
  if (text === 'yes' || /^Leap status\s*: (Normal|Insert second|Delete second)$/m.test(text)) return true;
  if (text === 'no' || /^Leap status\s*: Not synchronised$/m.test(text)) return false;
  return undefined;
}

/** The bit of CAP_NET_RAW in `linux/capability.h`. A socket of the kernel's HCI needs it. */
const CAP_NET_RAW = 13n;

/** Where systemd offers the processes that listen to radios. */
export interface RadioSocket {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly isServed: boolean;
}

/**
 * Whether a process may use the kernel's radios, by itself or by a process that systemd starts.
 *
 * @param status content of /proc/PID/status
 * @param whose the running gateway's, or that of this command, which the gateway's service may
 *   exceed
 * @param socket `undefined`: systemd offers none
 */
export function radioProcessVerdict(
  status: string,
  whose: 'gateway' | 'command',
  socket: RadioSocket | undefined,
): Finding {
  const own = radioRightVerdict(status, whose);
  if (socket === undefined) return own;
  const who = whose === 'gateway' ? 'the running gateway' : 'this user';
  if (!mayConnect(status, socket)) {
    if (own.verdict === 'ok') return own;
    const text = `${who} may not use callpoint-radio.socket`;
    const remedy = 'Run: usermod -aG callpoint USER; then start it again.';
    return whose === 'gateway' ? problem(text, remedy) : unknown(`${text}; the gateway may`, remedy);
  }
  if (!socket.isServed) {
    return problem('callpoint-radio.socket is not active', 'Run: systemctl enable --now callpoint-radio.socket');
  }
  return ok('callpoint-radio.socket starts the process for it; the gateway needs no capability');
}

function mayConnect(status: string, { mode, uid, gid }: RadioSocket): boolean {
  const of = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]?.split(/\s+/).map(Number) ?? [];
  // Of four the second is the effective one (proc_pid_status(5)).
  const [user, groups] = [of('Uid')[1], [of('Gid')[1], ...of('Groups')]];
  const WRITE = 0o2;
  if (user === 0) return true;
  if (user === uid) return ((mode >> 6) & WRITE) !== 0;
  return ((groups.includes(gid) ? mode >> 3 : mode) & WRITE) !== 0;
}

function radioRightVerdict(status: string, whose: 'gateway' | 'command'): Finding {
  const effective = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1];
  const who = whose === 'gateway' ? 'the running gateway' : 'this user';
  const remedy =
    'Run: systemctl enable --now callpoint-radio.socket. A gateway without it needs AmbientCapabilities=CAP_NET_RAW.';
  if (effective === undefined) return unknown(`the capabilities of ${who} cannot be read`, remedy);
  if (((BigInt(`0x${effective}`) >> CAP_NET_RAW) & 1n) === 1n) return ok(`${who} may use Bluetooth radios`);
  const text = `${who} may not use Bluetooth radios: CAP_NET_RAW is missing`;
  if (whose === 'gateway') return problem(text, remedy);
  return unknown(`${text}; a service of the gateway may have it`, remedy);
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
