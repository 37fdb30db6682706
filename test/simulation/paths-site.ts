import { type Random, randomBelow } from '../../device-sim/random.ts';
import type { AlertKind, Device, Door, Path, Plan, Site } from '../../gateway/core/site.ts';
import { device, KINDS, path, site } from './site.ts';

const MINUTE = 60_000;
export const ROOMS = [101, 102, 103, 201, 202, 203] as const;

export const AIR_TIME = {
  messageMs: 670,
  characterMs: 6.7,
  budgetMs: 20_000,
  windowMs: 60_000,
  repeatsMax: 3,
  restMs: 30_000,
};
export const CHARACTERS = 60;

/** A school with random paths, and random plans over them. */
export function randomSite(random: Random): Site {
  const below = (limit: number) => randomBelow(random, limit);
  const mode = (['off', 'auto', 'null', 'test'] as const)[below(4)] as 'off' | 'auto' | 'null' | 'test';
  const supervision = { mode, intervalMs: 20_000, testIntervalMs: 60_000, downAfter: 2, upAfter: 2 } as const;
  const common = { supervision, yields: below(2) === 0, parallel: 1 + below(4) };
  const slow = { parallel: 1 + below(2), formats: 1, digest: { characters: CHARACTERS } };
  const paths: readonly Path[] = [
    path('central', common),
    path('backup', { ...common, formats: 1 + below(2) }),
    path('cap', { ...common, takesUpdates: true }),
    path('police', { ...common, liveOnly: true }),
    path('radio', { ...common, ...slow, retryMs: 3000, retryMsMax: 24_000, airTime: AIR_TIME }),
    path('pager', { ...common, ...slow, yields: false }),
  ].filter(({ id }) => id === 'central' || below(3) > 0);
  const devices = [...ROOMS, 999].map(roomOf);
  const plans = new Map<string, Plan>(below(2) === 0 ? [] : [['medical', randomPlan(paths, below)]]);
  const canaryRelay = { id: 'canary-relay', input: 'bus-1', shows: 'canary', drills: true } as const;
  return {
    ...site(devices, paths),
    kinds: new Map(KINDS.map((kind): [string, AlertKind] => [kind.id, kind.id === 'hold-up' ? lockdown(kind) : kind])),
    plan: randomPlan(paths, below),
    plans,
    doors: ROOMS.map(doorOf),
    outputs: [{ ...canaryRelay, normallyEnergised: false, silentKinds: true }],
    canary: { device: 'wb-999', button: 1, output: 'canary-relay', intervalMs: 5 * MINUTE, withinMs: 2 * MINUTE },
  };
}

function lockdown(kind: AlertKind): AlertKind {
  return { ...kind, action: 'lockdown' };
}

/** Each plan has central, because something has to acknowledge. */
function randomPlan(paths: readonly Path[], below: (limit: number) => number): Plan {
  const shuffled = paths.map(({ id }) => ({ id, place: below(1000) })).sort((a, b) => a.place - b.place);
  const chosen = shuffled.filter(({ id }) => id === 'central' || below(4) > 0);
  const steps = chosen.map(({ id }, place) => ({
    path: id,
    afterMs: place === 0 ? 0 : ([0, 0, 3000, 10_000][below(4)] as number),
  }));
  return { steps, done: below(5) === 0 ? 'handedOver' : 'receiverAcknowledged' };
}

function roomOf(number: number): Device {
  const building = number < 200 ? 'A' : 'B';
  const room = String(number);
  const names = { building: `Building ${building}`, floor: 'Floor 1', room: `Rm ${room}` };
  const location = { building, floor: '1', room, text: Object.values(names).join(', '), names };
  return device(number, { location, heartbeatMs: 0 });
}

function doorOf(number: number): Door {
  const id = `wb-${number}`;
  const building = number < 200 ? 'A' : 'B';
  const points = { contact: { device: id, point: 0 }, bolt: { device: id, point: 1 } };
  return { id, name: `Rm ${number}`, building, zone: 0, area: 0, ...points };
}
