import { access, constants } from 'node:fs/promises';
import { identityAt, type PortIdentity } from '../../serial/port-identity.ts';
import { openTrouble } from '../../serial/port-trouble.ts';
import type { ScannerState } from './scanner-messages.ts';
import type { BleAdapter } from './settings.ts';

/** Why a radio can't be listened to. A change of kind is news. */
export interface RadioTrouble {
  readonly kind: 'absent' | 'denied' | 'locked' | 'failed' | 'off' | 'ended' | 'silent';
  /** Plain words for a person, with what to do. */
  readonly detail: string;
}

const KERNEL_RADIOS = '/sys/class/bluetooth';

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

function devicePath(adapter: BleAdapter): string {
  return isSerial(adapter) ? adapter.name : `${KERNEL_RADIOS}/${adapter.name}`;
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
    return { kind: 'absent', detail: `${name} is not there: is the radio plugged in? (ls ${KERNEL_RADIOS})` };
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
  return { kind: 'off', detail: `${name} is off: is it blocked (rfkill list) or down (hciconfig ${name} up)?` };
}
