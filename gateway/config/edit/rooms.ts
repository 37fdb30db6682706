import { CallpointError } from '../../../protocol/errors.ts';
import { onlyNearest, suggest } from '../read/nearest.ts';
import type { SiteFile } from '../schema/site-schema.ts';
import type { SiteEdit } from './site-edit.ts';
import type { Writable } from './yaml-text.ts';

/** A room that a device is put in. */
export interface WantedRoom {
  readonly building: string;
  readonly floor: string;
  readonly room: string;
  readonly floorName?: string;
  readonly roomName?: string;
}

export function locationOf({ building, floor, room }: WantedRoom): string {
  return `${building}/${floor}/${room}`;
}

/** `Main building, First floor, Rm 101 Reception` */
export function placeName(site: SiteFile, location: string): string {
  const [buildingId = '', floorId = '', number = ''] = location.split('/');
  const building = site.buildings.find(({ id }) => id === buildingId);
  const floor = building?.floors.find(({ id }) => id === floorId);
  const room = floor?.rooms.find((each) => each.number === number);
  const named = room?.name === undefined ? `Rm ${number}` : `Rm ${number} ${room.name}`;
  return [building?.name ?? `Building ${buildingId}`, floor?.name ?? `Floor ${floorId}`, named].join(', ');
}

/**
 * The place that a person means by `A/1/101`, or by `101` where only one building has it.
 *
 * @returns the place, and whether the site has it
 * @throws CallpointError EDIT_REFUSED
 */
export function findRoom(site: SiteFile, written: string): { readonly room: WantedRoom; readonly isThere: boolean } {
  const all = site.buildings.flatMap((building) =>
    building.floors.flatMap((floor) =>
      floor.rooms.map(({ number }): WantedRoom => ({ building: building.id, floor: floor.id, room: number })),
    ),
  );
  const exact = all.find((each) => locationOf(each) === written);
  if (exact !== undefined) return { room: exact, isThere: true };
  const [building = '', floor = '', room = '', ...more] = written.split('/');
  if (room !== '' && more.length === 0) {
    const ids = site.buildings.map(({ id }) => id);
    if (!ids.includes(building)) {
      throw refused(
        `There is no building ${building}: ${suggest(building, ids, 'add it under buildings: in site.yaml')}.`,
      );
    }
    return { room: { building, floor, room }, isThere: false };
  }
  const numbered = all.filter((each) => each.room === written);
  const [only] = numbered;
  if (only === undefined) {
    const { building: id = 'A', floor = '1' } = all[0] ?? {};
    const near = onlyNearest(
      written,
      all.map((each) => each.room),
    );
    const meant = near === undefined ? '' : ` Did you mean ${near}?`;
    const hint = `To add it, write it with its building and floor, such as ${id}/${floor}/${written}`;
    throw refused(`There is no room ${written}.${meant} ${hint}.`);
  }
  if (numbered.length === 1) return { room: only, isThere: true };
  throw refused(`Room ${written} is in several buildings: write one of ${numbered.map(locationOf).join(', ')}.`);
}

/** Adds the rooms that the site does not have, with their floors. */
export function addRooms(edit: SiteEdit, rooms: readonly WantedRoom[]): void {
  const { buildings } = edit.site;
  for (const [at, building] of buildings.entries()) {
    const own = rooms.filter((each) => each.building === building.id);
    const fresh = new Map<string, { name: string | undefined; rooms: Writable[] }>();
    const known = new Map<number, Writable[]>();
    for (const each of own) {
      const { floor, floorName, room, roomName } = each;
      const entry = { number: room, ...(roomName === undefined ? {} : { name: roomName }) };
      const index = building.floors.findIndex(({ id }) => id === floor);
      if (index >= 0) known.set(index, [...(known.get(index) ?? []), entry]);
      else {
        const added = fresh.get(floor) ?? { name: floorName, rooms: [] };
        added.rooms.push(entry);
        fresh.set(floor, added);
      }
    }
    for (const [index, entries] of known) edit.edits.append(['buildings', at, 'floors', index, 'rooms'], entries);
    const floors = [...fresh].map(([id, { name, rooms }]) => ({ id, ...(name === undefined ? {} : { name }), rooms }));
    edit.edits.append(['buildings', at, 'floors'], floors);
  }
}

export function refused(message: string): CallpointError {
  // A question at the end needs no full stop.
  return new CallpointError('EDIT_REFUSED', message.replace(/\?\.$/, '?'));
}
