import { access, constants } from 'node:fs/promises';
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

/** `undefined`: the radio is there. noble itself says nothing of a port that is missing or forbidden. */
export async function presenceTrouble(adapter: BleAdapter): Promise<RadioTrouble | undefined> {
  const { name } = adapter;
  try {
    if (isSerial(adapter)) await access(name, constants.R_OK | constants.W_OK);
    else await access(`${KERNEL_RADIOS}/${name}`);
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
