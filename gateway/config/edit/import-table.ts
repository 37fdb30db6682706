import type { SiteFile } from '../schema/site-schema.ts';
import { addDevices } from './device-edits.ts';
import { hasKey, type NewButton, type NewDevice } from './device-entry.ts';
import { addressOf, FreeNumbers } from './free-numbers.ts';
import { type ReadRow, type RowDevice, readRows, type Wrong } from './import-rows.ts';
import { readTable, type TableMistake } from './room-table.ts';
import { addRooms, type WantedRoom } from './rooms.ts';
import type { SiteEdit } from './site-edit.ts';

interface Imported {
  /** Every mistake, in the order of lines; if there is one, nothing was added. */
  readonly mistakes: readonly TableMistake[];
  readonly rooms: readonly string[];
  readonly devices: readonly NewDevice[];
  /** Rows that the site has already. */
  readonly known: number;
  /** Headings of columns that were not read. */
  readonly ignored: readonly string[];
}

interface Options {
  /** Input of rows that name none. */
  readonly input?: string;
  /** A fresh key of 32 hex digits. */
  freshKey(): string;
}

type Device = SiteFile['devices'][number];

/** A device of the table, with its rows. */
interface Planned {
  readonly row: ReadRow & { readonly device: RowDevice };
  readonly buttons: { line: number; device: RowDevice }[];
}

/**
 * Adds to the site what a table of rooms and buttons has and the site has not. Never changes what
 * is there: a row that contradicts the site is a mistake.
 */
export function importTable(edit: SiteEdit, text: string, options: Options): Imported {
  const table = readTable(text);
  const mistakes: TableMistake[] = [...table.mistakes];
  const wrong: Wrong = (line, message, column) =>
    mistakes.push({ line, message, ...(column === undefined ? {} : { column: table.heading(column) }) });
  const rows = readRows(edit.site, table, options.input, mistakes);
  const rooms = newRooms(edit.site, rows);
  const plan = new DevicePlan(edit.site, wrong);
  for (const row of rows) if (row.device !== undefined) plan.add({ ...row, device: row.device });
  const added = plan.devices(options);
  mistakes.sort((a, b) => a.line - b.line);
  const known =
    rows.length - added.reduce((sum, { rows }) => sum + rows, 0) - rooms.filter((room) => room.isAlone).length;
  const { ignored } = table;
  const found = {
    ignored,
    mistakes,
    rooms: rooms.map(({ location }) => location),
    devices: added.map(({ device }) => device),
    known,
  };
  if (mistakes.length > 0) return found;
  addRooms(
    edit,
    rooms.map(({ room }) => room),
  );
  addDevices(edit, added);
  return found;
}

function newRooms(site: SiteFile, rows: readonly ReadRow[]) {
  const there = new Set(
    site.buildings.flatMap(({ id, floors }) =>
      floors.flatMap((floor) => floor.rooms.map(({ number }) => `${id}/${floor.id}/${number}`)),
    ),
  );
  const fresh = new Map<string, { location: string; room: WantedRoom; isAlone: boolean }>();
  for (const { location, room, device } of rows) {
    if (there.has(location)) continue;
    const before = fresh.get(location);
    // The row that has its name may come later.
    const named = { ...room, ...before?.room };
    fresh.set(location, { location, room: named, isAlone: (before?.isAlone ?? true) && device === undefined });
  }
  return [...fresh.values()];
}

class DevicePlan {
  readonly #site: SiteFile;
  readonly #wrong: Wrong;
  readonly #free: FreeNumbers;
  readonly #planned: Planned[] = [];
  /** Devices of the site that a row is about. */
  readonly #claimed = new Set<string>();
  readonly #nameless: (ReadRow & { readonly device: RowDevice })[] = [];
  /** Inputs without a free address. */
  readonly #full = new Set<string>();
  readonly #zones = new Map<string, { readonly location: string; readonly where: string }>();

  constructor(site: SiteFile, wrong: Wrong) {
    this.#site = site;
    this.#wrong = wrong;
    this.#free = new FreeNumbers(site);
    for (const device of site.devices) {
      const area = device.area ?? this.#free.areaOf(device.location);
      for (const { zone } of device.buttons)
        this.#zones.set(`${area}/${zone}`, { location: device.location, where: `${device.id} in site.yaml` });
    }
  }

  add(row: ReadRow & { readonly device: RowDevice }): void {
    const { line, device, location } = row;
    const { id, input, address } = device;
    const there = this.#site.devices.find((each) => isSame(each, device));
    if (there !== undefined) {
      this.#claimed.add(there.id);
      this.#compare(row, there);
      return;
    }
    if (id === undefined && address === undefined) {
      this.#nameless.push(row);
      return;
    }
    const same = this.#planned.find(({ row: other }) =>
      isSame({ ...other.device, input: other.device.input.id }, device),
    );
    if (same === undefined) {
      this.#planned.push({ row, buttons: [{ line, device }] });
      if (id !== undefined) this.#free.takeId(id);
      if (typeof address === 'number') this.#free.takeAddress(input.id, address);
    } else if (same.row.location !== location) {
      this.#wrong(
        line,
        `this device is in ${same.row.location} at line ${same.row.line}: give each device a name and an address of its own`,
        id === undefined ? 'address' : 'device',
      );
    } else if (address !== undefined && same.row.device.address !== undefined && address !== same.row.device.address) {
      this.#wrong(line, `its address is ${same.row.device.address} at line ${same.row.line}`, 'address');
    } else same.buttons.push({ line, device });
  }

  devices({ freshKey }: Options): { device: NewDevice; key?: string; rows: number }[] {
    for (const row of this.#nameless) this.#addNameless(row);
    this.#planned.sort((a, b) => a.row.line - b.row.line);
    for (const planned of this.#planned) for (const button of planned.buttons) this.#takeZone(planned, button);
    return this.#planned.flatMap((planned) => this.#finished(planned, freshKey) ?? []);
  }

  /**
   * A row without name and address is about the next device of its room and input, or a new one.
   */
  #addNameless(row: ReadRow & { readonly device: RowDevice }): void {
    const { location, device } = row;
    const there = this.#site.devices.find(
      (each) => each.location === location && each.input === device.input.id && !this.#claimed.has(each.id),
    );
    if (there === undefined) this.#planned.push({ row, buttons: [{ line: row.line, device }] });
    else {
      this.#claimed.add(there.id);
      this.#compare(row, there);
    }
  }

  #compare({ line, location, device }: ReadRow & { readonly device: RowDevice }, there: Device): void {
    const differs = (what: string, is: unknown, column: Parameters<Wrong>[2]) =>
      this.#wrong(
        line,
        `${there.id} ${what} ${String(is)} in site.yaml: correct this cell, or change it there`,
        column,
      );
    if (there.location !== location) differs('is in room', there.location, 'room');
    if (there.input !== device.input.id) differs('is on input', there.input, 'input');
    const address = addressOf(there);
    if (device.address !== undefined && device.address !== address) differs('has the address', address, 'address');
    const { id, kind } = device.button;
    const buttons: readonly { readonly id: string; readonly kind: string; readonly zone: number }[] = there.buttons;
    const fitting = buttons.filter(
      (each) => (id === undefined || each.id === id) && (kind === undefined || each.kind === kind),
    );
    if ((id !== undefined || kind !== undefined) && fitting.length === 0) {
      differs(
        'has the buttons',
        buttons.map((each) => `${each.id} (${each.kind})`).join(', ') || 'none',
        id === undefined ? 'kind' : 'button',
      );
    } else if (device.zone !== undefined && fitting.length > 0 && !fitting.some(({ zone }) => zone === device.zone)) {
      differs('has the zone', fitting[0]?.zone, 'zone');
    }
  }

  #takeZone({ row }: Planned, { line, device: { zone } }: Planned['buttons'][number]): void {
    if (zone === undefined) return;
    const area = this.#free.areaOf(row.location);
    const key = `${area}/${zone}`;
    const user = this.#zones.get(key);
    if (user === undefined) this.#zones.set(key, { location: row.location, where: `line ${line}` });
    else if (user.location !== row.location)
      this.#wrong(
        line,
        `zone ${zone} belongs to another room, ${user.location} (${user.where}): give each room a zone of its own`,
        'zone',
      );
    this.#free.takeZone(area, zone, row.location);
  }

  #finished(
    { row, buttons }: Planned,
    freshKey: () => string,
  ): { device: NewDevice; key?: string; rows: number } | undefined {
    const { line, location, device } = row;
    const { input, profile, topic } = device;
    const { driver } = input;
    const address = device.address ?? this.#address(row);
    const area = this.#free.areaOf(location);
    const zones = buttons.map((each) => each.device.zone ?? this.#free.zone(area, location));
    const [zone] = zones;
    if (zone === undefined) {
      this.#wrong(line, 'no zone from 1 to 999 is free: give the building an area of its own in site.yaml', 'zone');
      return undefined;
    }
    const inherits = buttons.length === 1 && device.button.kind === undefined && hasButtons(input.defaults);
    for (const each of buttons) {
      if (!inherits && each.device.button.kind === undefined)
        this.#wrong(each.line, 'the kind of alert is missing, such as intruder or medical', 'kind');
    }
    if (driver === 'mqtt' && topic === undefined)
      this.#wrong(line, 'the topic of the device is missing, such as zigbee2mqtt/room-101', 'topic');
    if (['gpio', 'firmata', 'modbus'].includes(driver) && !inherits) this.#needWiring(buttons);
    const entry: NewDevice = {
      id: device.id ?? this.#free.id(input.id, driver, location),
      input: input.id,
      driver,
      location,
      ...(address === undefined ? {} : { address }),
      ...(profile === undefined ? {} : { profile }),
      ...(topic === undefined ? {} : { topic }),
      ...(inherits ? { zone } : {}),
      buttons: inherits
        ? []
        : buttons.map((each, at): NewButton => ({ ...each.device.button, zone: zones[at] ?? zone })),
    };
    if (!hasKey(entry)) return { device: entry, rows: buttons.length };
    if (driver !== 'button-bus' && device.key === undefined)
      this.#wrong(line, 'the bind key of the tag is missing: 32 hex digits', 'key');
    return { device: entry, key: device.key ?? freshKey(), rows: buttons.length };
  }

  #address({ line, device: { input } }: ReadRow & { readonly device: RowDevice }): number | undefined {
    const { id, driver } = input;
    if (driver === 'ble') this.#wrong(line, 'the Bluetooth address is missing, as on the label', 'address');
    if (driver !== 'button-bus' && driver !== 'modbus') return undefined;
    const address = this.#free.address(id, driver);
    if (address === undefined && !this.#full.has(id)) {
      this.#full.add(id);
      const what = `no address is free on ${id} for this row and those below it that name none`;
      this.#wrong(line, `${what}: write another input in the column input`, 'address');
    }
    return address;
  }

  #needWiring(buttons: Planned['buttons']): void {
    for (const { line, device } of buttons) {
      if (device.button.pin === undefined) this.#wrong(line, 'the pin of the button is missing, such as GPIO22', 'pin');
      if (device.button.contact === undefined)
        this.#wrong(
          line,
          'the wiring is missing: normallyOpen, normallyClosed, endOfLine or doubleEndOfLine',
          'contact',
        );
    }
  }
}

/** By name, else by address on the same input. */
function isSame(
  there: { readonly id?: string; readonly input: string; readonly address?: unknown },
  { id, input, address }: RowDevice,
): boolean {
  if (id !== undefined && there.id !== undefined) return there.id === id;
  return address !== undefined && there.input === input.id && there.address === address;
}

function hasButtons(defaults: RowDevice['input']['defaults']): boolean {
  const { buttons } = defaults ?? {};
  return Array.isArray(buttons) && buttons.length > 0;
}
