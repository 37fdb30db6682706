import type { ContactPlace, Fault } from '../signal.ts';
import type { Device } from '../site.ts';

/** What is wrong with a device. */
export interface DeviceFault {
  /** In a few plain words, for everybody; absent: only the detail tells. */
  readonly cause?: string;
  /** For the administrator: what the driver found, and what to do. */
  readonly detail: string;
}

/** Contacts that are named one by one. */
const NAMED_MAX = 3;

/** What a driver found; `undefined`: nothing is wrong any more. */
export function driverFault(device: Device, { detail, unread = [] }: Fault): DeviceFault | undefined {
  if (detail === undefined) return undefined;
  if (unread.length === 0) return { detail };
  const names = unread.length > NAMED_MAX ? `${unread.length} contacts` : unread.map(nameIn(device)).join(', ');
  return { cause: `${names} can’t be read`, detail };
}

function nameIn({ buttons, points }: Device): (place: ContactPlace) => string {
  return ({ of, number }) => (of === 'point' ? points : buttons).get(number)?.id ?? `${of} ${number}`;
}
