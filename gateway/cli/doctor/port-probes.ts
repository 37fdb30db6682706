import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { weakName } from '../../config/fields/usb-serial-names.ts';
import { chipFiles, gpioProblem } from '../../inputs/gpio-chip-files.ts';
import { type ChipLines, chipFor, lineOf } from '../../inputs/gpio-line-users.ts';
import { blockOf, kernelName, kernelRadios, radioAddress } from '../../inputs/kernel-radios.ts';
import { openTrouble } from '../../serial/port-trouble.ts';
import { errorCode } from '../../system/error-code.ts';
import { fileHolders } from '../../system/file-holders.ts';
import type { Endpoints, GpioEndpoint } from './endpoints.ts';
import { type Finding, ok, type Probe, problem, unknown, warning } from './finding.ts';
import { contentOf, type Roots } from './machine-probes.ts';
import { type RadioSocket, radioProcessVerdict } from './machine-verdicts.ts';

interface Gateway {
  /** Process of the running gateway; absent: none runs, or it is not known. */
  readonly pid?: number;
}

/** Nothing is opened: to open a port may restart the board behind it. */
export function portProbes(endpoints: Endpoints, gateway: Gateway, roots: Roots): readonly Probe[] {
  const { serialPorts, gpioChips, radios } = endpoints;
  return [
    ...serialPorts.map(({ of, port }) => ({ subject: of, look: () => serialFindings(port, gateway, roots) })),
    ...gpioChips.map((each) => ({ subject: each.of, look: () => chipFindings(each, gateway, roots) })),
    ...radios.map(({ of, name }) => ({ subject: of, look: () => radioFindings(name, gateway, roots) })),
  ];
}

async function serialFindings(port: string, gateway: Gateway, roots: Roots): Promise<Finding[]> {
  const found = await reachable(port);
  if (found !== undefined) return [found];
  if (!(await stat(port)).isCharacterDevice())
    return [problem(`${port} is not a serial port`, 'Name a serial port under port: in site.yaml.')];
  const weak = weakName(port, roots);
  const shared =
    weak?.isShared === true
      ? [warning(`${port}: several adapters here have this name`, `Name the USB socket: ${weak.paths.join(' or ')}`)]
      : [];
  return [...shared, await holderFinding(port, gateway, roots)];
}

/** Why this user cannot use a device file; `undefined`: it may. */
async function reachable(path: string): Promise<Finding | undefined> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    // The words of serialport, which the port's trouble is read from.
    const text = code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'permission denied' : String(code);
    const { kind, detail } = openTrouble(path, new Error(text));
    if (kind === 'denied') return problem(detail, await groupRemedy(path));
    return problem(detail, 'Plug it in, or correct the name: ls -l /dev/serial/by-id /dev/serial/by-path');
  }
}

/** Which group opens the device, and how this user gets into it. */
async function groupRemedy(path: string): Promise<string> {
  const [{ gid, mode }, groups] = await Promise.all([stat(path), contentOf('/etc/group')]);
  const name = new RegExp(`^([^:\\n]+):[^:\\n]*:${gid}:`, 'm').exec(groups ?? '')?.[1] ?? String(gid);
  const asOther = 'If the gateway runs as another user, run this as that user.';
  if ((mode & 0o060) !== 0o060) return `Its group "${name}" has no access: add a udev rule for it. ${asOther}`;
  if (process.getgroups?.().includes(gid) === true)
    return `This user is in the group "${name}": another rule forbids it.`;
  return `usermod -aG ${name} USER, then log in again. ${asOther}`;
}

async function holderFinding(port: string, { pid: own }: Gateway, roots: Roots): Promise<Finding> {
  const file = await realpath(port);
  const { holders: byFile, isWhole } = await fileHolders([file], roots.proc);
  const holders = byFile.get(file) ?? [];
  // A radio's process is a child of the gateway, or of systemd.
  const radios = await Promise.all(holders.map(({ pid }) => contentOf(join(roots.proc, String(pid), 'cgroup'))));
  const others = holders.filter(
    ({ pid, parent }, at) =>
      own === undefined || (pid !== own && parent !== own && radios[at]?.includes('/callpoint-radio@') !== true),
  );
  if (others.length > 0) {
    const names = others.map(({ pid, name }) => `${name} (pid ${pid})`).join(', ');
    return problem(`${port} is held by ${names}`, 'Stop that program: two programs on one port steal from each other.');
  }
  if (holders.length > 0) return ok(`${port} is there, and this gateway has it`);
  if (isWhole) return ok(`${port} is there, and free`);
  return ok(`${port} is there, and no process of this user has it`);
}

async function chipFindings({ chip, pins }: GpioEndpoint, gateway: Gateway, { dev }: Roots): Promise<Finding[]> {
  const missing = gpioProblem(chip, dev);
  if (missing !== undefined) return [problem(missing, 'Run this on the Pi itself.')];
  const files = chip?.startsWith('/') === true ? [chip] : chipFiles(dev);
  const denied = (await Promise.all(files.map(reachable))).filter((finding) => finding !== undefined);
  if (denied.length > 0) return denied;
  const found = await chipFor(chip, pins, dev);
  if (found === undefined) return [problem(`no GPIO chip here is labelled ${chip}`, 'gpiodetect lists the chips.')];
  const wrong = pins.flatMap((pin) => lineFinding(found, pin, gateway) ?? []);
  const title = `${found.path} (${found.label})`;
  if (wrong.length > 0) return wrong;
  return [ok(`${title}: it has every line of the site (${pins.length}), and no other program uses one`)];
}

/** `undefined`: the line is there, and free or the gateway's own. */
function lineFinding(chip: ChipLines, pin: string, { pid }: Gateway): Finding | undefined {
  const line = lineOf(chip, pin);
  if (line === undefined)
    return problem(`${chip.path} (${chip.label}) has no line ${pin}`, 'gpioinfo lists the lines.');
  if (line.user === undefined || (line.user === OWN_CONSUMER && pid !== undefined)) return undefined;
  const remedy = 'Stop that program, free the line in config.txt, or choose another line.';
  return problem(`line ${pin} of ${chip.path} is used by "${line.user}"`, remedy);
}

/** What the gateway calls itself at the kernel. */
const OWN_CONSUMER = 'callpoint';

async function radioFindings(name: string, { pid }: Gateway, roots: Roots): Promise<Finding[]> {
  const root = join(roots.sys, 'class/bluetooth');
  const status = (await contentOf(join(roots.proc, String(pid ?? 'self'), 'status'))) ?? '';
  const right = radioProcessVerdict(status, pid === undefined ? 'command' : 'gateway', await radioSocket(roots));
  if (radioAddress(name) !== undefined) {
    const count = kernelRadios(root).length;
    if (count === 0) return [noRadio(name), right];
    return [
      unknown(`${name}: one of ${count} radios here; only an open radio tells its address`, 'bluetoothctl list'),
      right,
    ];
  }
  const kernel = kernelName(name, root);
  if (kernel === undefined) return [noRadio(name), right];
  const block = blockOf(kernel, root);
  if (block === undefined) return [ok(`${name} is there`), right];
  const remedy = block === 'soft' ? 'Run: rfkill unblock bluetooth' : 'Set the switch of the radio.';
  return [problem(`${name} is blocked (${block})`, remedy), right];
}

async function radioSocket({ run, proc }: Roots): Promise<RadioSocket | undefined> {
  const path = join(run, 'callpoint/radio.sock');
  const served = (await contentOf(join(proc, 'net/unix'))) ?? '';
  try {
    const { mode, uid, gid } = await stat(path);
    return { mode, uid, gid, isServed: served.split('\n').some((line) => isListening(line, path)) };
  } catch {
    // Not installed: then the gateway starts the process itself.
    return undefined;
  }
}

/** `__SO_ACCEPTCON` of linux/net.h: a socket that takes connections. */
const ACCEPTS = 1 << 16;

/** @param line of /proc/net/unix: number, references, protocol, flags, type, state, inode, path */
function isListening(line: string, path: string): boolean {
  const [, , , flags = '', , , , name] = line.trim().split(/\s+/);
  return name === path && (Number.parseInt(flags, 16) & ACCEPTS) !== 0;
}

function noRadio(name: string): Finding {
  return problem(`${name} is not there`, 'Plug it in; ls /sys/class/bluetooth lists the radios of this machine.');
}
