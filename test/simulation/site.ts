import type { AlertKind, Device, LocalOutput, Path, Plan, Site } from '../../gateway/core/site.ts';

export const KINDS: readonly AlertKind[] = [
  { id: 'hold-up', name: 'Hold-up', sia: 'HA', siaRestore: 'HR', contactId: '122', silent: true, category: 'Security' },
  { id: 'medical', name: 'Medical', sia: 'MA', siaRestore: 'MR', contactId: '100', silent: false, category: 'Health' },
];

/**
 * One device with two buttons (0 hold-up, long: medical; 1 medical), a door (0), a bolt (1) and a
 * tamper switch (2).
 */
export function device(number: number, changes: Partial<Device> = {}): Device {
  const id = `wb-${number}`;
  return {
    id,
    input: 'bus-1',
    location: {
      building: 'A',
      floor: '1',
      room: String(number),
      text: `Main building, Floor 1, Rm ${number}`,
      names: { building: 'Main building', floor: 'Floor 1', room: `Rm ${number}` },
    },
    zone: number,
    area: 0,
    heartbeatMs: 30_000,
    counterOnly: false,
    watched: false,
    wiresSupervised: null,
    missedHeartbeats: 3,
    silent: false,
    buttons: new Map([
      [0, { id: 'button-0', number: 0, zone: number, kind: 'hold-up', patternKinds: new Map([['long', 'medical']]) }],
      [1, { id: 'button-1', number: 1, zone: 300 + number, kind: 'medical' }],
    ]),
    points: new Map([
      [0, { id: 'door', number: 0, type: 'doorContact', zone: 500 + number, debounceMs: 50 }],
      [1, { id: 'bolt', number: 1, type: 'bolt', zone: 600 + number, debounceMs: 50 }],
      [2, { id: 'cover', number: 2, type: 'tamper', zone: 700 + number, debounceMs: 50 }],
    ]),
    ...changes,
  };
}

export function output(id: string, input: string): LocalOutput {
  return { id, input, shows: 'alarm', drills: true, normallyEnergised: false, silentKinds: false };
}

export function path(id: string, changes: Partial<Path> = {}): Path {
  return {
    id,
    parallel: 4,
    formats: 2,
    attemptTimeoutMs: 4000,
    attemptTimeoutMsMax: 20_000,
    retryMs: 500,
    retryMsMax: 5000,
    supervision: { mode: 'auto', intervalMs: 20_000, testIntervalMs: 300_000, downAfter: 2, upAfter: 2 },
    liveOnly: false,
    takesUpdates: false,
    yields: true,
    ...changes,
  };
}

export function site(devices: readonly Device[], paths: readonly Path[]): Site {
  return {
    gateway: 'gw-1',
    name: 'Simulated school',
    deadlines: { nextPathMs: 3000, notConfirmedMs: 10_000, autoResolveMs: 86_400_000 },
    kinds: new Map(KINDS.map((kind) => [kind.id, kind])),
    inputs: [{ id: 'bus-1' }],
    outputs: [],
    devices: new Map(devices.map((each) => [each.id, each])),
    paths,
    plans: new Map(),
    plan: inTurn(paths),
    doors: [],
    drillOverride: new Set(),
  };
}

/** Every path, one after the other. */
export function inTurn(paths: readonly Path[], afterMs = 3000): Plan {
  const steps = paths.map(({ id }, place) => ({ path: id, afterMs: place === 0 ? 0 : afterMs }));
  return { steps, done: 'receiverAcknowledged' };
}
