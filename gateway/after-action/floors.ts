import type { Place } from '../../protocol/after-action-document.ts';
import type { Cell, Row } from '../print/printout.ts';

/**
 * The rows of each floor under its name, in the order in which the floors come.
 *
 * @param row gets the part of the place's text that the floor's name does not say: the room
 */
export function byFloor<T extends { readonly place: Place }>(
  things: readonly T[],
  row: (thing: T, room: string) => readonly Cell[],
): Row[] {
  const floors = new Map<string, T[]>();
  for (const thing of things) {
    const { building, floor } = thing.place;
    const key = `${building}/${floor}`;
    const there = floors.get(key);
    if (there === undefined) floors.set(key, [thing]);
    else there.push(thing);
  }
  return [...floors.values()].flatMap((of) => {
    const group = floorName(of.map(({ place }) => place));
    return [{ group }, ...of.map((thing) => row(thing, roomName(thing.place, group)))];
  });
}

/** "Main building, First floor": what the texts of its rooms have in common. */
function floorName(places: readonly Place[]): string {
  const [first] = places;
  if (first === undefined || first.building === '') return 'In no room';
  let common = first.text;
  for (const { text } of places) {
    while (!text.startsWith(common)) common = common.slice(0, -1);
  }
  // One room's text ends with the room. Those of several rooms may begin alike after the comma.
  const end = common.lastIndexOf(', ');
  return end > 0 ? common.slice(0, end) : `Building ${first.building}, floor ${first.floor}`;
}

function roomName({ text, room }: Place, group: string): string {
  if (text.startsWith(`${group}, `)) return text.slice(group.length + 2);
  return text || room;
}
