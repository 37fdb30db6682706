import type { Writable } from './yaml-text.ts';

/** One button of a new device. */
export interface NewButton {
  readonly id?: string;
  readonly kind?: string;
  readonly zone: number;
  readonly pin?: string;
  readonly cutPin?: string;
  readonly contact?: string;
  readonly channel?: string;
}

/** A new device. Whatever is absent is left to the defaults. */
export interface NewDevice {
  readonly id: string;
  readonly input: string;
  readonly driver: string;
  readonly location: string;
  readonly address?: number | string;
  readonly profile?: string;
  readonly topic?: string;
  readonly heartbeatSeconds?: number;
  /** BTHome without a key. */
  readonly isOpen?: boolean;
  /** Empty: the input's defaults have the buttons, in the zone of the device. */
  readonly buttons: readonly NewButton[];
  /** Fields taken from another device. */
  readonly copied?: Readonly<Record<string, Writable>>;
  readonly zone?: number;
}

/** Drivers whose devices have a key of their own. */
export function hasKey({ driver, isOpen }: Pick<NewDevice, 'driver' | 'isOpen'>): boolean {
  return driver === 'button-bus' || (driver === 'ble' && isOpen !== true);
}

/** The entry under `devices:`, in the order of the starter file. */
export function deviceEntry(device: NewDevice): Writable {
  const { driver, address, buttons, copied } = device;
  return written({
    id: device.id,
    input: device.input,
    profile: device.profile,
    topic: device.topic,
    address: typeof address === 'string' && /^\d+$/.test(address) ? Number(address) : address,
    location: device.location,
    zone: device.zone,
    encrypted: device.isOpen === true ? false : undefined,
    heartbeatSeconds: device.heartbeatSeconds,
    buttons: buttons.length === 0 ? undefined : buttons.map((button, at) => buttonEntry(button, at, driver)),
    ...copied,
  });
}

function buttonEntry(
  { id, kind, zone, pin, cutPin, contact, channel }: NewButton,
  at: number,
  driver: string,
): Writable {
  return written({
    id: id ?? `button-${at + 1}`,
    number: driver === 'button-bus' ? at : undefined,
    kind,
    zone,
    channel,
    pin: pin !== undefined && /^\d+$/.test(pin) ? Number(pin) : pin,
    cutPin,
    contact,
  });
}

function written(fields: Readonly<Record<string, Writable | undefined>>): Writable {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, Writable] => field[1] !== undefined),
  );
}
