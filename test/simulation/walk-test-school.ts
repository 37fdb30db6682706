import type { Device, Site } from '../../gateway/core/site.ts';
import type { WalkTestCommand } from '../../protocol/walk-test-command.ts';
import type { WalkTestDocument, WalkTestItem } from '../../protocol/walk-test-document.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, output, path, site } from './site.ts';

const OFF = { ...path('central').supervision, mode: 'off' } as const;
export const CENTRAL = path('central', { supervision: OFF });
export const LIVE = path('police', { supervision: OFF, liveOnly: true });
export const MINUTE = 60_000;
const ANNEX = {
  building: 'B',
  floor: '1',
  room: '201',
  text: 'Annex, Floor 1, Rm 201',
  names: { building: 'Annex', floor: 'Floor 1', room: 'Rm 201' },
};

export function wired(number: number, changes: Partial<Device> = {}): Device {
  const contact = { minimumMs: 20, rearmMs: 50, stuckMs: 60_000 };
  const button = { id: 'panic', number: 0, zone: number, kind: 'medical', contact };
  return device(number, { heartbeatMs: 0, buttons: new Map([[0, button]]), points: new Map(), ...changes });
}

export function school(changes: Partial<Site> = {}): Site {
  const devices = [
    device(101, { heartbeatMs: 0 }),
    device(102, { heartbeatMs: 0 }),
    device(201, { heartbeatMs: 0, location: ANNEX }),
    wired(301),
  ];
  const contact = { device: 'wb-101', point: 0 };
  const bolt = { device: 'wb-101', point: 1 };
  const doors = [{ id: 'door-101', name: 'Rm 101', building: 'A', zone: 9, area: 0, contact, bolt }];
  return { ...site(devices, [CENTRAL, LIVE]), doors, outputs: [output('siren', 'bus-1')], ...changes };
}

/** A walk test that may begin at once: what waited for the input has been heard. */
export function ready(changes: Partial<Site> = {}): SensorWorld {
  const world = new SensorWorld(school(changes));
  world.run(10_000);
  return world;
}

export function start(world: SensorWorld, scope = 'building:A', changes: object = {}) {
  const at = world.clock.now.wallMs;
  const said = { minutes: 60, tester: 'Maria', reason: 'commissioning', by: 'cli:maria', at };
  return world.command({ command: 'walk-test', action: 'start', scope, ...said, ...changes } as WalkTestCommand);
}

export const STOP = { command: 'walk-test', action: 'stop', reason: 'done', by: 'cli:maria' } as const;

export function reportOf(world: SensorWorld, id: string) {
  return world.attempts.find(({ report }) => report.id === id)?.report;
}

export function itemOf(document: WalkTestDocument, name: string): WalkTestItem | undefined {
  return document.places.flatMap(({ items }) => items).find(({ item }) => item === name);
}
