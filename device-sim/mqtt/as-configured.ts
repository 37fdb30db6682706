import {
  message,
  partOf,
  type Twin,
  type TwinContact,
  type TwinDevice,
  type TwinMessage,
  type TwinPress,
  wordFor,
} from './twin.ts';

const USUAL = { single: 'single', double: 'double', long: 'long' } as const;

interface PlainAvailability {
  readonly topic: string;
  readonly path: readonly string[];
  readonly online: string;
  readonly offline: string;
}

/** A device of no known kind. It publishes what the configuration expects, where it does. */
export class AsConfigured implements Twin {
  readonly againMs = Number.POSITIVE_INFINITY;
  readonly #devices: ReadonlyMap<string, TwinDevice>;
  readonly #availability: readonly PlainAvailability[];
  readonly #points = new Map<TwinContact, boolean>();

  constructor(devices: readonly TwinDevice[], availability: readonly PlainAvailability[]) {
    this.#devices = new Map(devices.map((device) => [device.id, device]));
    this.#availability = availability;
    for (const { points } of devices) for (const point of points) this.#points.set(point, false);
  }

  /** A client has one will. */
  get will(): TwinMessage {
    const [first] = this.#availability;
    return first === undefined ? message('other', 'sim/will', 'offline') : available(first, false);
  }

  connected(): readonly TwinMessage[] {
    const points = [...this.#points].map(([point, active]) => state(point, active));
    return [...this.#availability.map((each) => available(each, true)), ...points];
  }

  press(device: string, button: string, how: TwinPress, _: number, word?: string): readonly TwinMessage[] {
    const contact = partOf(this.#devices.get(device), button);
    return [said('event', contact, word ?? wordFor(contact, how, USUAL))];
  }

  release(): readonly TwinMessage[] {
    return [];
  }

  point(device: string, point: string, active: boolean): readonly TwinMessage[] {
    const contact = partOf(this.#devices.get(device), point);
    this.#points.set(contact, active);
    return [state(contact, active)];
  }

  battery(): readonly TwinMessage[] {
    return [];
  }

  presence(_: string, isPresent: boolean): readonly TwinMessage[] {
    return this.#availability.map((each) => available(each, isPresent));
  }

  again(): readonly TwinMessage[] {
    return [];
  }
}

function available({ topic, path, online, offline }: PlainAvailability, isOnline: boolean): TwinMessage {
  return message('availability', topic, inside(path, isOnline ? online : offline), { retain: true });
}

function state(point: TwinContact, active: boolean): TwinMessage {
  return said('state', point, active ? (point.active ?? 'true') : (point.normal ?? 'false'));
}

function said(says: 'event' | 'state', { topic = 'sim/device', path = [] }: TwinContact, word: string): TwinMessage {
  return message(says, topic, inside(path, word));
}

/** The word as the member at this path of a JSON object; by itself if there is no path. */
function inside(path: readonly string[], word: string): string | object {
  return path.length === 0 ? word : (path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), word) as object);
}
