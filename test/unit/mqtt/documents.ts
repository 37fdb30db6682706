import type {
  AlertDocument,
  DeviceDocument,
  DoorDocument,
  EventDocument,
  PathDocument,
  Publication,
  TroubleDocument,
} from '../../../protocol/mqtt-documents.ts';
import type { AlertState } from '../../../protocol/states.ts';

function alertDocument(id: string, state: AlertState, change: Partial<AlertDocument> = {}): AlertDocument {
  return {
    id,
    state,
    not_confirmed: false,
    kind: 'intruder',
    kind_name: 'Intruder',
    silent: false,
    mode: 'live',
    device: 'node-101',
    button: 'panic',
    pattern: 'single',
    building: 'Main building',
    floor: 'Floor 1',
    room: '101',
    building_name: 'Main building',
    floor_name: 'First floor',
    room_name: 'Rm 101 Reception',
    text: 'Intruder, Main building, Floor 1, Rm 101 Reception',
    authenticated: true,
    raised_at: '2025-03-01T08:00:00.000Z',
    timeline: { captured: 0 },
    paths: {},
    ...change,
  };
}

export function alert(id: string, state: AlertState = 'raised', change: Partial<AlertDocument> = {}): Publication {
  return { kind: 'alert', document: alertDocument(id, state, change) };
}

export function deviceDocument(device: string, change: Partial<DeviceDocument> = {}): DeviceDocument {
  return {
    device,
    input: 'line-1',
    buttons: { panic: { kind: 'intruder', kind_name: 'Intruder' } },
    supervised: 'ok',
    last_proven_at: '2025-03-01T08:00:00.000Z',
    tamper: false,
    low_battery: null,
    battery_percent: null,
    wires_supervised: null,
    not_understood: 0,
    reception: {},
    battery_mv: null,
    supply_mv: 12_000,
    silent_mode: false,
    points: { door: { type: 'doorContact', state: 'closed' } },
    building: 'Main building',
    floor: 'Floor 1',
    room: '101',
    building_name: 'Main building',
    floor_name: 'First floor',
    room_name: 'Rm 101 Reception',
    ...change,
  };
}

export function device(id: string, change: Partial<DeviceDocument> = {}): Publication {
  return { kind: 'device', document: deviceDocument(id, change) };
}

export function press(deviceId: string, eventId: string): Publication {
  const document: EventDocument = {
    event_id: eventId,
    device: deviceId,
    type: 'press',
    button: 'panic',
    pattern: 'single',
    at: '2025-03-01T08:00:00.000Z',
    mono_ms: 1,
  };
  return { kind: 'event', document };
}

export function pathDocument(id: string, state: PathDocument['state'] = 'up'): PathDocument {
  return { path: id, state, last_proven_at: null, last_canary_at: null, rtt_ms: null, queued: 0, detail: '' };
}

export function path(id: string, state: PathDocument['state']): Publication {
  return { kind: 'path', document: pathDocument(id, state) };
}

export function input(id: string): Publication {
  return { kind: 'input', document: { input: id, state: 'up', detail: '', frames_heard: 1, frames_rejected: 0 } };
}

export function door(id: string, state: DoorDocument['state'] = 'secured', name = 'Rm 102 Office') {
  const document: DoorDocument = { door: id, name, building: 'A', state, since_at: '2025-03-01T08:00:00.000Z' };
  return { kind: 'door', document } as const;
}

export function trouble(id: string, state: TroubleDocument['state']): Publication {
  return {
    kind: 'trouble',
    document: {
      id,
      type: 'deviceMissing',
      severity: 'major',
      state,
      text: 'node-101 is missing',
      since_at: '2025-03-01T08:00:00.000Z',
    },
  };
}
