import { Unique } from '../fields/unique.ts';
import type { View } from '../read/view.ts';

/** Building → floor → room numbers, as far as they could be read. */
export type Places = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

export interface CheckedPlaces {
  readonly places: Places;
  /**
   * Where a name could not be read, which is reported there: `A/1` if it is a room's, `A` if it is
   * a floor's, an empty text if it is a building's. What seems to be missing may be that one.
   */
  readonly unread: ReadonlySet<string>;
}

/** Checks buildings, floors and rooms for duplicates. */
export function checkPlaces(site: View): CheckedPlaces {
  const unread = new Set<string>();
  const places = new Map<string, Map<string, Set<string>>>();
  const buildings = new Unique('give each building an id of its own');
  for (const building of site.list('buildings')) {
    const id = building.text('id');
    buildings.add(building, 'id', id, `building ${id}`);
    const known = (id === undefined ? undefined : places.get(id)) ?? new Map<string, Set<string>>();
    if (id === undefined) unread.add('');
    else places.set(id, known);
    checkFloors(building, known, unread);
  }
  return { places, unread };
}

function checkFloors(building: View, known: Map<string, Set<string>>, unread: Set<string>): void {
  const floors = new Unique('give each floor of a building an id of its own');
  // Across floors as well: responders look for "room 101", not for "room 101 on floor 1".
  const rooms = new Unique('give each room of a building a number of its own');
  for (const floor of building.list('floors')) {
    const id = floor.text('id');
    floors.add(floor, 'id', id, `floor ${id}`);
    const numbers = (id === undefined ? undefined : known.get(id)) ?? new Set<string>();
    if (id === undefined) unread.add(`${building.text('id')}`);
    else known.set(id, numbers);
    for (const room of floor.list('rooms')) {
      const number = room.text('number');
      rooms.add(room, 'number', number, `room ${number}`);
      if (number === undefined) unread.add(`${building.text('id')}/${id}`);
      else numbers.add(number);
    }
  }
}
