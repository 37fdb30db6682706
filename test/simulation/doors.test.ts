import { describe, expect, test } from 'vitest';
import type { AlertKind, Door, Site } from '../../gateway/core/site.ts';
import { MINUTE, ROOMS, SECOND, school } from './school.ts';
import { KINDS, path } from './site.ts';
import { standing } from './troubles.ts';
import { World } from './world.ts';

/** A person's action at a door, as its node reports it: point and state. */
const DOES = { open: [0, true], close: [0, false], unlock: [1, true], lock: [1, false] } as const;

const LOCKDOWN: AlertKind = {
  id: 'hold-up',
  name: 'Lockdown',
  sia: 'PA',
  siaRestore: 'PR',
  contactId: '123',
  silent: false,
  category: 'Security',
  action: 'lockdown',
};

/**
 * A site with a door at each wall that may stay open for five minutes. Button 0 starts a lockdown.
 */
function guarded(): Site {
  const site = school([path('central')]);
  const doors = ROOMS.map((id): Door => {
    const [contact, bolt] = [0, 1].map((point) => ({ device: id, point }));
    const parts = { ...(contact && { contact }), ...(bolt && { bolt }) };
    return { id, name: `Rm ${id.slice(3)}`, building: 'A', zone: 501, area: 0, heldOpenMs: 5 * MINUTE, ...parts };
  });
  return { ...site, doors, kinds: new Map([LOCKDOWN, ...KINDS.slice(1)].map((kind) => [kind.id, kind])) };
}

/** Closes and locks all doors, and lets the core know. */
function lockedSchool(seed: number): World {
  const world = new World(guarded(), seed);
  world.startGateway();
  world.startNodes();
  world.run(MINUTE);
  return world;
}

function act(world: World, door: string, ...deeds: readonly (keyof typeof DOES)[]): void {
  for (const deed of deeds) {
    const [point, active] = DOES[deed];
    world.stepNode(door, { type: 'point', point, active });
  }
}

/** Returns the states as last logged, which accompany each publication. */
function states(world: World): Record<string, string> {
  const last: Record<string, string> = Object.fromEntries(ROOMS.map((id) => [id, 'unknown']));
  for (const line of world.trace) {
    const said = / door \{"door":"([^"]+)","state":"(\w+)"\}$/.exec(line);
    if (said?.[1] !== undefined && said[2] !== undefined) last[said[1]] = said[2];
    else if (line.endsWith(' crash')) for (const id of ROOMS) last[id] = 'unknown';
  }
  return last;
}

function reportsAt(world: World, prefix: string): string[] {
  return [...(world.receivers.get('central')?.displayed.keys() ?? [])].filter((id) => id.startsWith(prefix));
}

describe('doors of a school', () => {
  test('a door is known to be secured from the first heartbeat on, not before', () => {
    const world = new World(guarded(), 1);
    world.startGateway();
    expect(new Set(Object.values(states(world)))).toEqual(new Set(['unknown']));
    world.startNodes();
    world.run(MINUTE);
    expect(new Set(Object.values(states(world)))).toEqual(new Set(['secured']));
  });

  test('people with keys force nothing, on a line that loses a tenth of what is said', () => {
    const world = lockedSchool(2);
    world.weather.lineLoss = 0.1;
    world.weather.lineDuplicate = 0.1;
    for (let round = 0; round < 40; round++) {
      const room = ROOMS[Math.floor(world.random() * ROOMS.length)] ?? '';
      act(world, room, 'unlock', 'open');
      world.run(world.random() * 20 * SECOND);
      act(world, room, 'close', 'lock');
      world.run(2 * SECOND);
    }
    world.weather.lineLoss = 0;
    world.run(MINUTE);
    expect(world.troubles.filter(({ type }) => type.startsWith('door'))).toEqual([]);
    expect(new Set(Object.values(states(world)))).toEqual(new Set(['secured']));
  });

  test('whatever happened on a bad line, a heartbeat later each door is known as it is', () => {
    for (let seed = 10; seed < 20; seed++) {
      const world = lockedSchool(seed);
      Object.assign(world.weather, { lineLoss: 0.4, lineFlip: 0.1, lineDuplicate: 0.2 });
      for (let round = 0; round < 30; round++) {
        const room = ROOMS[Math.floor(world.random() * ROOMS.length)] ?? '';
        const deeds = ['open', 'close', 'unlock', 'lock'] as const;
        act(world, room, deeds[Math.floor(world.random() * deeds.length)] ?? 'open');
        world.run(world.random() * 3 * SECOND);
      }
      Object.assign(world.weather, { lineLoss: 0, lineFlip: 0, lineDuplicate: 0 });
      world.run(MINUTE);
      for (const room of ROOMS) {
        const node = world.node(room);
        const wanted = node.point(0) ? ['open', 'forced', 'heldOpen'] : [node.point(1) ? 'closedUnlocked' : 'secured'];
        expect(wanted).toContain(states(world)[room]);
      }
    }
  });

  test('while the line is down no door is secured', () => {
    const world = lockedSchool(3);
    world.weather.lineLoss = 1;
    world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'down', detail: 'unplugged' } });
    expect(new Set(Object.values(states(world)))).toEqual(new Set(['unknown']));
    act(world, 'wb-101', 'unlock');
    world.weather.lineLoss = 0;
    world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: 'open' } });
    world.run(MINUTE);
    expect(states(world)).toMatchObject({ 'wb-101': 'closedUnlocked', 'wb-102': 'secured' });
  });

  test('a forced door is at the receiver, once over a crash, and its end as well', () => {
    const world = lockedSchool(4);
    act(world, 'wb-104', 'open');
    world.run(3 * SECOND);
    expect(states(world)['wb-104']).toBe('forced');
    expect(reportsAt(world, 'doorForced.wb-104')).toHaveLength(1);
    world.crash();
    world.startGateway();
    world.run(MINUTE);
    expect(states(world)['wb-104']).toBe('forced');
    expect(reportsAt(world, 'doorForced.wb-104')).toHaveLength(1);
    act(world, 'wb-104', 'close');
    world.run(SECOND);
    expect(reportsAt(world, 'doorForced.wb-104').at(-1)).toMatch(/restore$/);
    expect(standing(world)).toEqual([]);
  });

  test('a door held open is at the receiver, and its end as well', () => {
    const world = lockedSchool(5);
    act(world, 'wb-105', 'unlock', 'open');
    world.run(5 * MINUTE + SECOND);
    expect(standing(world)).toEqual(['doorHeldOpen: Door held open: Rm 105, building A']);
    act(world, 'wb-105', 'close');
    world.run(SECOND);
    expect(reportsAt(world, 'doorHeldOpen.wb-105')).toHaveLength(2);
    expect(standing(world)).toEqual([]);
  });

  test('a lockdown names the doors that are not secured, until all are', () => {
    const world = lockedSchool(6);
    act(world, 'wb-102', 'unlock');
    act(world, 'wb-106', 'unlock', 'open');
    world.run(SECOND);
    const alert = world.press('wb-101', 0) ?? '';
    world.run(SECOND);
    const doors = () => world.published.get(alert)?.doors_not_secured?.map(({ name, state }) => `${name} ${state}`);
    expect(doors()).toEqual(['Rm 102 closedUnlocked', 'Rm 106 open']);
    act(world, 'wb-106', 'close', 'lock');
    world.run(3 * SECOND);
    expect(doors()).toEqual(['Rm 102 closedUnlocked']);
    act(world, 'wb-102', 'lock');
    world.run(3 * SECOND);
    expect(doors()).toEqual([]);
  });
});
