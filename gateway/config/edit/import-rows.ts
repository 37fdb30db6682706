import { PLACE_PATTERN } from '../../../protocol/drill-scope.ts';
import { ID_PATTERN, label } from '../fields/fields.ts';
import { mergeKinds } from '../fields/kinds.ts';
import { onlyNearest } from '../read/nearest.ts';
import type { SiteFile } from '../schema/site-schema.ts';
import type { NewButton } from './device-entry.ts';
import type { Column, Row, Table, TableMistake } from './room-table.ts';
import { locationOf, type WantedRoom } from './rooms.ts';

type Input = SiteFile['inputs'][number];

/** A row that says what it needs, with nothing wrong in it by itself. */
export interface ReadRow {
  readonly line: number;
  readonly room: WantedRoom;
  readonly location: string;
  /** Absent: the row is a room without a device. */
  readonly device?: RowDevice;
}

export interface RowDevice {
  readonly id?: string;
  readonly input: Input;
  readonly address?: number | string;
  readonly profile?: string;
  readonly topic?: string;
  readonly button: Omit<NewButton, 'zone'>;
  readonly zone?: number;
  readonly key?: string;
}

/** Reports a mistake in a row. */
export type Wrong = (line: number, message: string, column?: Column) => void;

const OF_DEVICE: readonly Column[] = [
  'device',
  'input',
  'address',
  'button',
  'kind',
  'zone',
  'pin',
  'contact',
  'profile',
  'topic',
  'key',
];
const NUMBERED: Readonly<Record<string, number>> = { 'button-bus': 254, modbus: 247 };
const BLE_ADDRESS = /^[0-9A-F]{2}(:[0-9A-F]{2}){5}$/;

/** Reads the rows of a table for a site; adds a mistake for whatever is wrong. */
export function readRows(
  site: SiteFile,
  table: Table,
  usualInput: string | undefined,
  mistakes: TableMistake[],
): ReadRow[] {
  const wrong: Wrong = (line, message, column) =>
    mistakes.push({ line, message, ...(column === undefined ? {} : { column: table.heading(column) }) });
  const reader = new RowReader(site, usualInput, wrong);
  return table.rows.flatMap((row) => reader.read(row) ?? []);
}

class RowReader {
  readonly #site: SiteFile;
  readonly #usualInput: string | undefined;
  readonly #wrong: Wrong;
  readonly #kinds: ReadonlySet<string>;
  /** Names of rooms and floors, and where they are first. */
  readonly #names = new Map<string, { readonly name: string; readonly where: string }>();
  /** By building, floor and the room's number without zeros that say nothing: the number. */
  readonly #numbers = new Map<string, string>();
  /** By building and room: floor. */
  readonly #floors = new Map<string, string>();

  constructor(site: SiteFile, usualInput: string | undefined, wrong: Wrong) {
    this.#site = site;
    this.#usualInput = usualInput ?? (site.inputs.length === 1 ? site.inputs[0]?.id : undefined);
    this.#wrong = wrong;
    this.#kinds = new Set(mergeKinds(site.kinds).keys());
    for (const { id, floors } of site.buildings) {
      for (const floor of floors) {
        if (floor.name !== undefined) this.#names.set(`${id}/${floor.id}`, { name: floor.name, where: 'site.yaml' });
        for (const { number, name } of floor.rooms) {
          this.#floors.set(`${id}/${number}`, floor.id);
          this.#alike(id, floor.id, number);
          if (name !== undefined) this.#names.set(`${id}/${floor.id}/${number}`, { name, where: 'site.yaml' });
        }
      }
    }
  }

  read(row: Row): ReadRow | undefined {
    const room = this.#room(row);
    const isDevice = OF_DEVICE.some((column) => row.cells.has(column));
    const device = isDevice ? this.#device(row) : undefined;
    if (room === undefined || (isDevice && device === undefined)) return undefined;
    return { line: row.line, room, location: locationOf(room), ...(device === undefined ? {} : { device }) };
  }

  #room({ line, cells }: Row): WantedRoom | undefined {
    const ids = this.#site.buildings.map(({ id }) => id);
    const building = cells.get('building') ?? (ids.length === 1 ? ids[0] : undefined);
    const floor = cells.get('floor');
    const room = cells.get('room');
    if (building === undefined) this.#wrong(line, `write the building: one of ${ids.join(', ')}`, 'building');
    else if (!ids.includes(building)) {
      const near = onlyNearest(building, ids);
      const hint = near === undefined ? 'add it under buildings: in site.yaml first' : `did you mean ${near}?`;
      this.#wrong(line, `there is no building ${building}: ${hint}`, 'building');
    }
    if (!this.#isPlace(line, floor, 'floor') || !this.#isPlace(line, room, 'room')) return undefined;
    if (building === undefined || !ids.includes(building)) return undefined;
    const known = this.#floors.get(`${building}/${room}`);
    const alike = known === undefined ? this.#alike(building, floor, room) : undefined;
    if (alike !== undefined) {
      const what = `room ${room} and room ${alike} on one floor may be the same`;
      this.#wrong(line, `${what}: spreadsheets add and drop zeros. Write the number as on the door, as text`, 'room');
      return undefined;
    }
    if (known !== undefined && known !== floor) {
      this.#wrong(
        line,
        `room ${room} of building ${building} is on floor ${known}: correct the floor, or the number`,
        'floor',
      );
      return undefined;
    }
    this.#floors.set(`${building}/${room}`, floor);
    const floorName = this.#name(line, `${building}/${floor}`, cells.get('floorName'), 'floorName');
    const roomName = this.#name(line, `${building}/${floor}/${room}`, cells.get('roomName'), 'roomName');
    return {
      building,
      floor,
      room,
      ...(floorName === undefined ? {} : { floorName }),
      ...(roomName === undefined ? {} : { roomName }),
    };
  }

  /** Another room of the floor whose number differs in zeros only, as 0103 and 103.0 from 103. */
  #alike(building: string, floor: string, room: string): string | undefined {
    const key = `${building}/${floor}/${/^\d+(?:\.0+)?$/.test(room) ? String(Number(room)) : room}`;
    const known = this.#numbers.get(key);
    if (known === undefined) this.#numbers.set(key, room);
    return known === undefined || known === room ? undefined : known;
  }

  #isPlace(line: number, text: string | undefined, column: 'floor' | 'room'): text is string {
    if (text !== undefined && PLACE_PATTERN.test(text)) return true;
    const seen = text === undefined ? 'is missing' : 'can not be used';
    this.#wrong(
      line,
      `the ${column} ${seen}: write letters, digits, space, dot, - and _, at most 32, such as 101`,
      column,
    );
    return false;
  }

  /** A name that differs from the one that is there is a mistake, never a change. */
  #name(line: number, place: string, name: string | undefined, column: Column): string | undefined {
    const known = this.#names.get(place);
    if (name === undefined) return known?.name;
    const fault = label('').safeParse(name).error?.issues[0]?.message;
    if (fault !== undefined) this.#wrong(line, `the name can not be used: write ${fault}`, column);
    if (known !== undefined && known.name !== name) {
      this.#wrong(line, `it is called "${known.name}" in ${known.where}: correct one of the two`, column);
    } else this.#names.set(place, known ?? { name, where: `line ${line}` });
    return name;
  }

  #device({ line, cells }: Row): RowDevice | undefined {
    const input = this.#input(line, cells.get('input'));
    const id = cells.get('device');
    if (id !== undefined && !ID_PATTERN.test(id)) {
      this.#wrong(
        line,
        'this is no name of a device: write a-z, 0-9 and -, at most 32 characters, such as wb-101',
        'device',
      );
    }
    const zone = this.#zone(line, cells.get('zone'));
    // Spreadsheets and people begin a cell with a capital letter.
    const kind = cells.get('kind')?.toLowerCase();
    if (kind !== undefined && !this.#kinds.has(kind)) {
      const near = onlyNearest(kind, [...this.#kinds]);
      const hint = near === undefined ? `write one of ${[...this.#kinds].join(', ')}` : `did you mean ${near}?`;
      this.#wrong(line, `there is no kind of alert ${kind}: ${hint}`, 'kind');
    }
    const key = cells.get('key')?.toLowerCase();
    if (key !== undefined && !/^[0-9a-f]{32}$/.test(key)) this.#wrong(line, 'a key is 32 hex digits', 'key');
    if (input === undefined) return undefined;
    const address = this.#address(line, cells.get('address'), input);
    const wires = pick(cells, { id: 'button', pin: 'pin', cutPin: 'cutPin', contact: 'contact' });
    const button = { ...wires, ...(kind === undefined ? {} : { kind }) };
    const more = pick(cells, { profile: 'profile', topic: 'topic' });
    return {
      ...(id === undefined ? {} : { id }),
      input,
      ...(address === undefined ? {} : { address }),
      ...more,
      button,
      ...(zone === undefined ? {} : { zone }),
      ...(key === undefined ? {} : { key }),
    };
  }

  #input(line: number, written: string | undefined): Input | undefined {
    const ids = this.#site.inputs.map(({ id }) => id);
    const named = written ?? this.#usualInput;
    const input = this.#site.inputs.find(({ id }) => id === named);
    if (input !== undefined) return input;
    const list = ids.length === 0 ? 'add one under inputs: in site.yaml first' : `write one of ${ids.join(', ')}`;
    this.#wrong(
      line,
      named === undefined ? `the input is missing: ${list}, or give --input` : `there is no input ${named}: ${list}`,
      'input',
    );
    return undefined;
  }

  #zone(line: number, written: string | undefined): number | undefined {
    if (written === undefined) return undefined;
    const zone = Number(written);
    if (/^\d{1,3}$/.test(written) && zone >= 1) return zone;
    this.#wrong(line, 'a zone is a whole number from 1 to 999', 'zone');
    return undefined;
  }

  #address(line: number, written: string | undefined, { driver }: Input): number | string | undefined {
    if (written === undefined) return undefined;
    const max = NUMBERED[driver];
    if (max !== undefined) {
      const address = Number(written);
      if (/^\d{1,3}$/.test(written) && address >= 1 && address <= max) return address;
      this.#wrong(line, `an address on a ${driver} input is a whole number from 1 to ${max}`, 'address');
    } else if (driver === 'ble' || driver === 'mqtt') {
      const address = written.toUpperCase().replaceAll('-', ':');
      if (BLE_ADDRESS.test(address)) return address;
      this.#wrong(line, 'a Bluetooth address has six parts, such as 54:48:E6:8F:80:A5', 'address');
    } else this.#wrong(line, `a device on a ${driver} input has no address: remove it`, 'address');
    return undefined;
  }
}

function pick<K extends string>(cells: Row['cells'], columns: Readonly<Record<K, Column>>): Partial<Record<K, string>> {
  const found = Object.entries<Column>(columns).flatMap(([name, column]) => {
    const cell = cells.get(column);
    return cell === undefined ? [] : [[name, cell]];
  });
  return Object.fromEntries(found);
}
