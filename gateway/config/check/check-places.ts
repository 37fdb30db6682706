import { Unique } from '../fields/unique.ts';
import type { View } from '../read/view.ts';

/** Building → floor → room numbers, as far as they could be read. */
export type Places = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** Among the rooms of a floor: it has one whose number has a mistake, which is told there. */
export const UNREAD_ROOM = '';

/** Checks buildings, floors and rooms for duplicates. */
export function checkPlaces(site: View): Places {
  const places = new Map<string, Map<string, Set<string>>>();
  const buildings = new Unique('give each building an id of its own');
  for (const building of site.list('buildings')) {
    const id = building.text('id');
    buildings.add(building, 'id', id, `building ${id}`);
    const known = (id === undefined ? undefined : places.get(id)) ?? new Map<string, Set<string>>();
    if (id !== undefined) places.set(id, known);
    checkFloors(building, known);
  }
  return places;
}

function checkFloors(building: View, known: Map<string, Set<string>>): void {
  const floors = new Unique('give each floor of a building an id of its own');
  // Across floors as well: responders look for "room 101", not for "room 101 on floor 1".
  const rooms = new Unique('give each room of a building a number of its own');
  for (const floor of building.list('floors')) {
    const id = floor.text('id');
    floors.add(floor, 'id', id, `floor ${id}`);
    const numbers = (id === undefined ? undefined : known.get(id)) ?? new Set<string>();
    if (id !== undefined) known.set(id, numbers);
    for (const room of floor.list('rooms')) {
      const number = room.text('number');
      rooms.add(room, 'number', number, `room ${number}`);
      numbers.add(number ?? UNREAD_ROOM);
    }
  }
}
