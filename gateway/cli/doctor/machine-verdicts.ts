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

/**
 * Whether a process may use the kernel's radios.
 *
 * @param status content of /proc/PID/status
 * @param whose the running gateway's, or that of this command, which the gateway's service may
 *   exceed
 */
export function radioRightVerdict(status: string, whose: 'gateway' | 'command'): Finding {
  const effective = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1];
  const who = whose === 'gateway' ? 'the running gateway' : 'this user';
  const remedy = 'Write AmbientCapabilities=CAP_NET_RAW under [Service]: systemctl edit callpoint.';
  if (effective === undefined) return unknown(`the capabilities of ${who} cannot be read`, remedy);
  if (((BigInt(`0x${effective}`) >> CAP_NET_RAW) & 1n) === 1n) return ok(`${who} may use Bluetooth radios`);
  const text = `${who} may not use Bluetooth radios: CAP_NET_RAW is missing`;
  if (whose === 'gateway') return problem(text, remedy);
  return unknown(`${text}; a service of the gateway may have it`, remedy);
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
