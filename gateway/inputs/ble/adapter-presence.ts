import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { identityAt, type PortIdentity } from '../../serial/port-identity.ts';
import { openTrouble } from '../../serial/port-trouble.ts';
import { blockOf, KERNEL_RADIOS, kernelName } from '../kernel-radios.ts';
import type { ScannerState } from './scanner-messages.ts';
import type { BleAdapter } from './settings.ts';

/** Why a radio can't be listened to. A change of kind is news. */
export interface RadioTrouble {
  readonly kind: 'absent' | 'denied' | 'locked' | 'failed' | 'off' | 'ended' | 'silent';
  /** Plain words for a person, with what to do. */
  readonly detail: string;
}

/** A controller on a serial port, not one of the kernel's. */
export function isSerial(adapter: BleAdapter): boolean {
  return adapter.name.includes('/');
}

/** What bears the radio's name now; `undefined`: nothing. */
export function radioIdentity(adapter: BleAdapter): PortIdentity | undefined {
  return identityAt(devicePath(adapter));
}

/** It was there and is gone, or something else bears its name. Neither noble nor its port always notices. */
export function wentAway({ name }: BleAdapter): RadioTrouble {
  return { kind: 'absent', detail: `${name} went away: is the adapter unplugged?` };
}

/** Of a radio of the kernel's that is not there a path where none is. */
function devicePath(adapter: BleAdapter): string {
  if (isSerial(adapter)) return adapter.name;
  const root = rootOf(adapter);
  return join(root, kernelName(adapter.name, root) ?? adapter.name);
}

/** The number the kernel has for it now; `undefined`: none, or it is no radio of the kernel's. */
export function kernelNumber(adapter: BleAdapter): string | undefined {
  return isSerial(adapter) ? undefined : kernelName(adapter.name, rootOf(adapter))?.replace(/^hci/, '');
}

function rootOf({ kernelRadios = KERNEL_RADIOS }: BleAdapter): string {
  return kernelRadios;
}

/** `undefined`: the radio is there. noble itself says nothing of a port that is missing or forbidden. */
export async function presenceTrouble(adapter: BleAdapter): Promise<RadioTrouble | undefined> {
  const { name } = adapter;
  try {
    // What the kernel's radios may be used by shows only when they are opened.
    await access(devicePath(adapter), isSerial(adapter) ? constants.R_OK | constants.W_OK : constants.F_OK);
    return undefined;
  } catch (error) {
    if (isSerial(adapter)) return openTrouble(name, error);
    return { kind: 'absent', detail: `${name} is not there: is the radio plugged in? (ls -l ${rootOf(adapter)})` };
  }
}

/** What noble's word for a radio that does not listen means. */
export function stateTrouble(adapter: BleAdapter, state: ScannerState, detail: string): RadioTrouble {
  const { name, baudRate } = adapter;
  if (state === 'unauthorized' || /EPERM|not permitted/.test(detail)) {
    return {
      kind: 'denied',
      detail: `${name}: permission denied: give the gateway CAP_NET_RAW (AmbientCapabilities= of its service)`,
    };
  }
  if (state === 'unsupported') return { kind: 'failed', detail: `${name} is no Bluetooth LE radio` };
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

/** It is there and does not listen. The gateway brings no radio up: that is bluetoothd's, or an operator's. */
function offDetail(adapter: BleAdapter): string {
  const { name } = adapter;
  const root = rootOf(adapter);
  const radio = kernelName(name, root) ?? name;
  const called = radio === name ? name : `${name} (${radio})`;
  switch (blockOf(radio, root)) {
    case 'hard':
      return `${called} is there, but switched off by a switch of the machine (rfkill list says hard blocked)`;
    case 'soft':
      return `${called} is there, but blocked: rfkill unblock bluetooth, then bluetoothctl power on`;
    default:
      return `${called} is there, but down, and the gateway brings none up: bluetoothctl power on (bluetoothd does it at each start with AutoEnable=true), or without bluetoothd hciconfig ${radio} up`;
  }
}
