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

/** The contact of a door on a new device. */
type NewDoorContact = Pick<NewButton, 'zone' | 'pin' | 'cutPin' | 'contact' | 'channel'>;

/** A new device. Whatever is absent is left to the defaults. */
export interface NewDevice {
  readonly id: string;
  readonly input: string;
  readonly driver: string;
  readonly location: string;
  readonly address?: number | string;
  readonly fob?: Readonly<Record<string, string | number>>;
  readonly profile?: string;
  readonly topic?: string;
  /** Which tag of an MQTT gateway. */
  readonly component?: string;
  readonly heartbeatSeconds?: number;
  /** BTHome without a key. */
  readonly isOpen?: boolean;
  /** Empty: the input's defaults have the buttons, in the zone of the device. */
  readonly buttons: readonly NewButton[];
  readonly doorContact?: NewDoorContact;
  /** Fields taken from another device. */
  readonly copied?: Readonly<Record<string, Writable>>;
  readonly zone?: number;
}

/** Drivers whose devices have a key of their own. */
export function hasKey({ driver, isOpen, fob }: Pick<NewDevice, 'driver' | 'isOpen' | 'fob'>): boolean {
  return driver === 'button-bus' || (driver === 'ble' && isOpen !== true && fob === undefined);
}

/** The entry under `devices:`, in the order of the starter file. */
export function deviceEntry(device: NewDevice): Writable {
  const { driver, address, buttons, doorContact, copied } = device;
  return written({
    id: device.id,
    input: device.input,
    profile: device.profile,
    topic: device.topic,
    component: device.component,
    address: typeof address === 'string' && /^\d+$/.test(address) ? Number(address) : address,
    fob: device.fob,
    location: device.location,
    zone: device.zone,
    encrypted: device.isOpen === true ? false : undefined,
    heartbeatSeconds: device.heartbeatSeconds,
    buttons: buttons.length === 0 ? undefined : buttons.map((button, at) => buttonEntry(button, at, driver)),
    points: doorContact === undefined ? undefined : [doorEntry(doorContact, driver)],
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
    pin: pinOf(pin),
    cutPin,
    contact,
  });
}

function doorEntry({ zone, pin, cutPin, contact, channel }: NewDoorContact, driver: string): Writable {
  const number = driver === 'button-bus' ? 0 : undefined;
  return written({ id: 'door', number, type: 'doorContact', zone, channel, pin: pinOf(pin), cutPin, contact });
}

function pinOf(pin: string | undefined): Writable | undefined {
  return pin !== undefined && /^\d+$/.test(pin) ? Number(pin) : pin;
}

function written(fields: Readonly<Record<string, Writable | undefined>>): Writable {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, Writable] => field[1] !== undefined),
  );
}
