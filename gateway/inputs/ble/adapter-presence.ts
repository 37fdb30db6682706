import fs from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { identityAt, type PortIdentity } from '../../serial/port-identity.ts';
import { openTrouble } from '../../serial/port-trouble.ts';
import { blockOf, KERNEL_RADIOS, kernelName, radioAddress } from '../kernel-radios.ts';
import type { ScannerState } from './scanner-messages.ts';
import type { BleAdapter } from './settings.ts';

/** Why a radio can't be listened to. A change of kind is news. */
export interface RadioTrouble {
  readonly kind: 'absent' | 'denied' | 'locked' | 'failed' | 'off' | 'ended' | 'silent';
  /** Plain words for a person, with what to do. */
  readonly detail: string;
}

/**
 * `found`: the kernel's present name, `hci1`, of a radio named by its address, as the process that
 * looked for it says.
 */
export interface KnownAdapter extends BleAdapter {
  readonly found?: string;
}

/** Named by its address, and not found yet. */
export function isSought({ name, found }: KnownAdapter): boolean {
  return found === undefined && radioAddress(name) !== undefined;
}

/** A controller on a serial port, not one of the kernel's. */
export function isSerial(adapter: BleAdapter): boolean {
  return adapter.name.includes('/');
}

/** What lets a process use the kernel's radios. `callpoint-radio@.service` has it. */
const RADIO_RIGHT =
  'systemctl enable --now callpoint-radio.socket; a gateway without it needs CAP_NET_RAW and AF_BLUETOOTH in its service (AmbientCapabilities=, RestrictAddressFamilies=)';

/** What bears the radio's name now; `undefined`: nothing. */
export function radioIdentity(adapter: KnownAdapter): PortIdentity | undefined {
  return identityAt(devicePath(adapter));
}

/**
 * It was there and is gone, or something else bears its name. Neither noble nor its port always
 * notices.
 */
export function wentAway({ name }: BleAdapter): RadioTrouble {
  return { kind: 'absent', detail: `${name} went away: is the adapter unplugged?` };
}

/** Of a radio of the kernel's that is not there a path where none is. */
function devicePath(adapter: KnownAdapter): string {
  if (isSerial(adapter)) return adapter.name;
  return join(rootOf(adapter), presentName(adapter) ?? adapter.name);
}

function presentName(adapter: KnownAdapter): string | undefined {
  return adapter.found ?? kernelName(adapter.name, rootOf(adapter));
}

/** The number the kernel has for it now; `undefined`: none, or it is no radio of the kernel's. */
export function kernelNumber(adapter: BleAdapter): string | undefined {
  return isSerial(adapter) ? undefined : kernelName(adapter.name, rootOf(adapter))?.replace(/^hci/, '');
}

function rootOf({ kernelRadios = KERNEL_RADIOS }: BleAdapter): string {
  return kernelRadios;
}

/**
 * `undefined`: the radio is there, or has to be looked for. noble itself says nothing of a port
 * that is missing or forbidden.
 */
export async function presenceTrouble(adapter: KnownAdapter): Promise<RadioTrouble | undefined> {
  const { name } = adapter;
  if (isSought(adapter)) return undefined;
  try {
    // What the kernel's radios may be used by shows only when they are opened.
    await access(devicePath(adapter), isSerial(adapter) ? constants.R_OK | constants.W_OK : constants.F_OK);
    return undefined;
  } catch (error) {
    if (isSerial(adapter)) return openTrouble(name, error);
    return { kind: 'absent', detail: `${name} is not there: is the radio plugged in? (ls -l ${rootOf(adapter)})` };
  }
}

/** What the listening process's word for a radio that does not listen means. */
export function stateTrouble(adapter: KnownAdapter, state: ScannerState, detail: string): RadioTrouble {
  const { name, baudRate } = adapter;
  if (state === 'unauthorized' || /EPERM|not permitted/.test(detail)) {
    return {
      kind: 'denied',
      detail: `${name}: permission denied: ${RADIO_RIGHT}`,
    };
  }
  if (state === 'unsupported') return { kind: 'failed', detail: `${name} is no Bluetooth LE radio` };
  if (/not supported by protocol/.test(detail)) return { kind: 'failed', detail: `${name}: ${noBluetooth(adapter)}` };
  if (isSought(adapter)) return soughtTrouble(adapter, state, detail);
  if (state === 'failed') return { kind: 'failed', detail: `${name}: the radio could not be opened: ${detail}` };
  if (/cannot lock/i.test(detail)) return { kind: 'locked', detail: `${name} is locked: another program uses it` };
  if (isSerial(adapter)) {
    return {
      kind: 'off',
      detail: `${name}: nothing answers: is it a Bluetooth controller that speaks HCI at ${baudRate} Bd?`,
    };
  }
  return { kind: 'off', detail: offDetail(adapter) };
}

function soughtTrouble(adapter: KnownAdapter, state: ScannerState, detail: string): RadioTrouble {
  const { name } = adapter;
  switch (state) {
    case 'absent': {
      const here = detail === '' ? 'the kernel has no radio at all' : `here: ${detail}`;
      const byPort = detail.includes('without')
        ? '; a radio without an address is named by its USB port, usb:1-1.4'
        : '';
      return { kind: 'absent', detail: `${name} is not there: is the radio plugged in? (${here}${byPort})` };
    }
    case 'ambiguous':
      return { kind: 'failed', detail: `${name} is the address of ${detail}: name each by its USB port, usb:1-1.4` };
    case 'noBluetooth':
      return { kind: 'failed', detail: `${name}: ${noBluetooth(adapter)}` };
    default:
      return { kind: 'failed', detail: `${name}: the kernel's radios could not be listed: ${detail}` };
  }
}

function noBluetooth(adapter: KnownAdapter): string {
  return fs.existsSync(rootOf(adapter))
    ? `Bluetooth sockets are forbidden: ${RADIO_RIGHT}; a container needs the network of the host`
    : 'this kernel has no Bluetooth: modprobe bluetooth tells why';
}

/**
 * It is there and does not listen. The gateway brings no radio up: that is bluetoothd's, or an
 * operator's.
 */
function offDetail(adapter: KnownAdapter): string {
  const { name } = adapter;
  const radio = presentName(adapter) ?? name;
  const called = radio === name ? name : `${name} (${radio})`;
  switch (blockOf(radio, rootOf(adapter))) {
    case 'hard':
      return `${called} is there, but switched off by a switch of the machine (rfkill list says hard blocked)`;
    case 'soft':
      return `${called} is there, but blocked: rfkill unblock bluetooth, then bluetoothctl power on`;
    default:
      return `${called} is there, but down, and the gateway brings none up: bluetoothctl power on (bluetoothd does it at each start with AutoEnable=true), or without bluetoothd hciconfig ${radio} up`;
  }
}
