import type { World } from './world.ts';

/**
 * Returns the troubles that an MQTT client sees, as `type: text: detail`, except those that a crash
 * made the gateway forget.
 */
export function standing(world: World): string[] {
  const open = new Map<string, string>();
  for (const { id, type, text, detail, state } of world.troubles) {
    if (state === 'standing') open.set(id, [type, text, ...(detail === undefined ? [] : [detail])].join(': '));
    else open.delete(id);
  }
  for (const id of world.undurable) open.delete(id);
  return [...open.values()];
}
