import type { SiteFile } from '../schema/site-schema.ts';

const ZONE_MAX = 999;
/** Addresses on a line, by the driver of its input. */
const ADDRESS_MAX: Readonly<Record<string, number>> = { 'button-bus': 254, modbus: 247 };
const PREFIX: Readonly<Record<string, string>> = {
  'button-bus': 'wb',
  gpio: 'pull',
  firmata: 'loop',
  modbus: 'module',
  ble: 'tag',
  mqtt: 'button',
};
const ID_LENGTH_MAX = 32;

type Device = SiteFile['devices'][number];

/** Finds names and numbers that nothing in the site uses. What it gives out counts as used. */
export class FreeNumbers {
  readonly #ids: Set<string>;
  readonly #site: SiteFile;
  /** By input. */
  readonly #addresses = new Map<string, Set<number>>();
  /** By area: zone → room. */
  readonly #zones = new Map<number, Map<number, string>>();
  readonly #areas: ReadonlyMap<string, number>;

  constructor(site: SiteFile) {
    this.#site = site;
    this.#ids = new Set([...site.devices, ...site.doors].map(({ id }) => id));
    this.#areas = new Map(site.buildings.map(({ id, area }) => [id, area]));
    for (const device of site.devices) {
      if (typeof addressOf(device) === 'number') this.takeAddress(device.input, Number(addressOf(device)));
      const area = device.area ?? this.areaOf(device.location);
      for (const { zone } of device.buttons) this.takeZone(area, zone, device.location);
    }
  }

  /** The area of a place's building. */
  areaOf(location: string): number {
    return this.#areas.get(location.split('/')[0] ?? '') ?? 0;
  }

  takeId(id: string): void {
    this.#ids.add(id);
  }

  takeAddress(input: string, address: number): void {
    const taken = this.#addresses.get(input) ?? new Set();
    this.#addresses.set(input, taken.add(address));
  }

  takeZone(area: number, zone: number, location: string): void {
    const taken = this.#zones.get(area) ?? new Map<number, string>();
    if (!taken.has(zone)) this.#zones.set(area, taken.set(zone, location));
  }

  /** A name like those of the input's other devices, with the room in it: `wb-103`. */
  id(input: string, driver: string, location: string): string {
    const [building = '', , room = ''] = location.split('/');
    const prefix = this.#prefixOn(input) ?? PREFIX[driver] ?? 'device';
    const slug = (text: string) =>
      text
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '');
    const plain = slug(room) || 'x';
    const names = [plain, `${slug(building)}${plain}`];
    for (let more = 2; names.length < 300; more++) names.push(`${plain}-${more}`);
    const found = names.map((name) => `${prefix}-${name}`.slice(0, ID_LENGTH_MAX)).find((id) => !this.#ids.has(id));
    const id = found ?? `${prefix}-new`;
    this.takeId(id);
    return id;
  }

  /**
   * The number after the highest that is used; the lowest free one if that is the last. A node that
   * was removed from the site may still be on the line with its number. `undefined`: the line is
   * full, or devices on it have no numbers.
   */
  address(input: string, driver: string): number | undefined {
    const max = ADDRESS_MAX[driver];
    if (max === undefined) return undefined;
    const taken = this.#addresses.get(input) ?? new Set<number>();
    const free = after(taken, max);
    if (free !== undefined) this.takeAddress(input, free);
    return free;
  }

  /** The room's zone if it has one; its number if that is free; else the next one. */
  zone(area: number, location: string): number | undefined {
    const taken = this.#zones.get(area) ?? new Map<number, string>();
    const own = [...taken].find(([, room]) => room === location)?.[0];
    const number = Number(/^\d{1,3}$/.exec(location.split('/')[2] ?? '')?.[0] ?? Number.NaN);
    const byRoom = number >= 1 && !taken.has(number) ? number : undefined;
    const zone = own ?? byRoom ?? after(new Set(taken.keys()), ZONE_MAX);
    if (zone !== undefined) this.takeZone(area, zone, location);
    return zone;
  }

  #prefixOn(input: string): string | undefined {
    const last = this.#site.devices.findLast((device) => device.input === input);
    return /^([a-z]+)-/.exec(last?.id ?? '')?.[1];
  }
}

/** Address of a device on its line or in the air. */
export function addressOf(device: Device): number | string | undefined {
  return 'address' in device ? device.address : undefined;
}

function after(taken: ReadonlySet<number>, max: number): number | undefined {
  const highest = Math.max(0, ...taken);
  if (highest < max) return highest + 1;
  for (let free = 1; free <= max; free++) if (!taken.has(free)) return free;
  return undefined;
}
