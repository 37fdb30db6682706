import { mergeKinds } from '../fields/kinds.ts';
import { latinSpelling } from '../fields/latin-spelling.ts';
import type { SiteFile } from '../schema/site-schema.ts';

interface Named {
  readonly name?: string | undefined;
  readonly latin?: string | undefined;
}

/**
 * The Latin spelling of every name that needs one; ids of places, which stand in texts as well, are
 * transliterated.
 */
export function latinNames(file: Pick<SiteFile, 'kinds' | 'buildings' | 'doors'>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const add = ({ name, latin }: Named, otherwise: string) => {
    const spelt = name === undefined ? undefined : latinSpelling(name, latin, otherwise);
    // Written more than once, the spelling the site gave counts.
    if (name !== undefined && spelt !== undefined && (latin !== undefined || !names.has(name))) names.set(name, spelt);
  };
  const addId = (id: string) => add({ name: id }, '-');
  for (const [id, { name }] of mergeKinds(file.kinds)) add({ name, latin: file.kinds[id]?.latin }, id);
  for (const door of file.doors) add(door, door.id);
  for (const building of file.buildings) {
    add(building, `Building ${latinId(building.id)}`);
    addId(building.id);
    for (const floor of building.floors) {
      add(floor, `Floor ${latinId(floor.id)}`);
      addId(floor.id);
      for (const room of floor.rooms) {
        add(room, '-');
        addId(room.number);
      }
    }
  }
  return names;
}

function latinId(id: string): string {
  return latinSpelling(id, undefined, '-') ?? id;
}
