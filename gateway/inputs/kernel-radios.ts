import fs from 'node:fs';
import { basename, join } from 'node:path';

/** Where the kernel lists its radios. */
export const KERNEL_RADIOS = '/sys/class/bluetooth';

/**
 * How a radio is named by the USB port it is plugged into: `usb:1-1.4`, as in /sys/bus/usb/devices.
 */
const BY_PORT = /^usb:(.+)$/;

/**
 * Name of a radio by its Bluetooth address, which only an HCI socket reports:
 * `address:B8:27:EB:12:34:56`.
 */
const BY_ADDRESS = /^address:(.+)$/;

/** What a radio without an address, or one not set up yet, has in its place. */
export const NO_ADDRESS = '00:00:00:00:00:00';

/** `undefined`: it is not named by its address. */
export function radioAddress(name: string): string | undefined {
  return BY_ADDRESS.exec(name)?.[1];
}

/**
 * The kernel's present name (`hci0`) of a radio named so, or by the port it is in: hci numbers go
 * by the order in which the kernel finds the radios, and may change places at a restart.
 * `undefined`: it is not there.
 */
export function kernelName(name: string, root = KERNEL_RADIOS): string | undefined {
  const port = BY_PORT.exec(name)?.[1];
  if (port === undefined) return fs.existsSync(join(root, name)) ? name : undefined;
  return kernelRadios(root).find((radio) => radio.port === port)?.name;
}

/** All radios the kernel has, with the USB port of those that are in one. */
export function kernelRadios(root = KERNEL_RADIOS): { readonly name: string; readonly port: string | undefined }[] {
  let names: string[];
  try {
    names = fs.readdirSync(root);
  } catch {
    // A kernel without Bluetooth has no such directory.
    return [];
  }
  return names.filter((name) => /^hci\d+$/.test(name)).map((name) => ({ name, port: portOf(join(root, name)) }));
}

/** `hard`: by a switch; `soft`: by rfkill; `undefined`: not blocked, or not known. */
export function blockOf(radio: string, root = KERNEL_RADIOS): 'hard' | 'soft' | undefined {
  const directory = join(root, radio);
  const switches = entriesOf(directory).filter((name) => /^rfkill\d+$/.test(name));
  const isSet = (kind: 'hard' | 'soft') => switches.some((each) => textOf(join(directory, each, kind)) === '1');
  if (isSet('hard')) return 'hard';
  return isSet('soft') ? 'soft' : undefined;
}

/** A USB radio's device is an interface of it: `…/usb1/1-1/1-1.4/1-1.4:1.0`. */
function portOf(radio: string): string | undefined {
  try {
    return /^(\d+-\d+(?:\.\d+)*):/.exec(basename(fs.realpathSync(join(radio, 'device'))))?.[1];
  } catch {
    // Unplugged meanwhile, or one without a device, such as a virtual one.
    return undefined;
  }
}

function entriesOf(directory: string): string[] {
  try {
    return fs.readdirSync(directory);
  } catch {
    // Gone: then nothing blocks it.
    return [];
  }
}

function textOf(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch {
    // Gone: then it blocks nothing.
    return undefined;
  }
}
