import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { content, entries, resolved } from '../../system/device-files.ts';

const BY_ID = '/dev/serial/by-id/';

/** Where the kernel and udev show their devices. */
interface DeviceRoots {
  readonly dev: string;
  readonly sys: string;
}

const ROOTS: DeviceRoots = { dev: '/dev', sys: '/sys' };

/** Why a name under /dev/serial/by-id does not tell its adapter from another. */
interface WeakName {
  /** Adapters here with this name, as /dev/serial/by-path calls them; one if it is only weak. */
  readonly paths: readonly string[];
  readonly isShared: boolean;
}

/**
 * udev makes the name of maker, model and serial number, interface and port (60-serial.rules).
 * Chips such as CH340 and PL2303 have no serial number, and CP2102 are sold with 0001: of two such
 * adapters one has the link, the one that udev saw last. `undefined`: the name is that of one
 * adapter only.
 */
export function weakName(port: string, roots = ROOTS): WeakName | undefined {
  if (!port.startsWith(BY_ID)) return undefined;
  const tty = terminalOf(join(roots.dev, port.slice('/dev/'.length)));
  const identity = tty === undefined ? undefined : usbIdentity(tty, roots);
  if (tty === undefined || identity === undefined) {
    return MODELS_WITHOUT_SERIAL.test(basename(port)) ? { paths: [], isShared: false } : undefined;
  }
  const same = serialPorts(roots).filter((other) => usbIdentity(other, roots)?.name === identity.name);
  if (same.length < 2 && !PLACEHOLDER.test(identity.serial)) return undefined;
  return { paths: same.map((each) => byPath(each, roots)), isShared: same.length > 1 };
}

/** Serial numbers that makers write into every adapter, or leave out. */
const PLACEHOLDER = /^(0*1?|0*123456789?|12345678)$/;

/** Names of such adapters, for a file that is checked on another machine. */
const MODELS_WITHOUT_SERIAL =
  /^usb-(1a86_USB(2\.0-Ser.*|_Serial|2\.0-Serial)|Prolific_Technology_Inc\._USB-Serial_Controller(_D)?|.*CP210\d.*_0001)-if/;

interface UsbIdentity {
  /** All that udev's name is made of. */
  readonly name: string;
  readonly serial: string;
}

/** `undefined`: not a port of a USB adapter. */
function usbIdentity(tty: string, { sys }: DeviceRoots): UsbIdentity | undefined {
  const device = resolved(join(sys, 'class/tty', tty));
  let at = device;
  while (at !== undefined && !existsSync(join(at, 'bInterfaceNumber')))
    at = at === dirname(at) ? undefined : dirname(at);
  if (device === undefined || at === undefined) return undefined;
  const usb = dirname(at);
  const serial = content(join(usb, 'serial'));
  const model = ['idVendor', 'idProduct', 'manufacturer', 'product'].map((name) => content(join(usb, name)));
  const place = [content(join(at, 'bInterfaceNumber')), content(join(device, 'device/port_number'))];
  return { name: [...model, serial, ...place].join('\n'), serial };
}

function serialPorts({ sys }: DeviceRoots): string[] {
  return entries(join(sys, 'class/tty')).filter((name) => /^tty(USB|ACM)\d+$/.test(name));
}

function byPath(tty: string, { dev }: DeviceRoots): string {
  const directory = join(dev, 'serial/by-path');
  const links = entries(directory).filter((name) => terminalOf(join(directory, name)) === tty);
  // Newer systems list a port twice: usb-… and usbv2-….
  const name = links.find((each) => !each.includes('usbv')) ?? links[0];
  return name === undefined ? `/dev/${tty}` : `/dev/serial/by-path/${name}`;
}

function terminalOf(path: string): string | undefined {
  const target = resolved(path);
  return target === undefined ? undefined : basename(target);
}
