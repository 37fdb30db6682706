import { describe, expect, test } from 'vitest';
import {
  deviceDocument,
  doorDocument,
  drillDocument,
  eventDocument,
  inputDocument,
  pathDocument,
  troubleDocument,
} from '../../../gateway/core/documents.ts';
import type { Report } from '../../../gateway/core/report.ts';
import type { AlertKind, Device } from '../../../gateway/core/site.ts';
import { device, site } from '../../simulation/site.ts';

const AT = Date.UTC(2026, 10, 28, 9, 0, 0, 5);
const KIND = { id: 'intruder', name: 'Intruder' } as AlertKind;
const NAMES = { building_name: 'Main building', floor_name: 'Floor 1', room_name: 'Rm 101' };
const ISO = '2026-11-28T09:00:00.005Z';

describe('what the core knows reads the same in the documents of MQTT', () => {
  test('an event names what the press raised, and its time to the microsecond', () => {
    const press = {
      id: 'w.1.2',
      device: 'w',
      type: 'press',
      button: 'red',
      pattern: 'single',
    } as const;
    const alert = { id: 'w.1.2', kind: KIND, report: { text: 'DRILL: Intruder, Rm 1', exercise: 'drill' } as Report };
    expect(eventDocument({ ...press, alert, capturedMs: 12.345678 }, AT)).toEqual({
      event_id: 'w.1.2',
      device: 'w',
      type: 'press',
      button: 'red',
      pattern: 'single',
      alert: 'w.1.2',
      kind: 'intruder',
      kind_name: 'Intruder',
      mode: 'drill',
      text: 'DRILL: Intruder, Rm 1',
      at: ISO,
      mono_ms: 12.346,
    });
  });

  test.each([
    ['a path that was never proven says null, never a time', undefined, undefined, null, null],
    ['a proven path says when, and how long the answer took', AT, 1.23456, ISO, 1.235],
  ])('%s', (_, lastProvenWallMs, rttMs, last_proven_at, rtt_ms) => {
    const known = {
      state: 'up',
      lastProvenWallMs,
      lastCanaryWallMs: lastProvenWallMs,
      rttMs,
      queued: 2,
      detail: 'd',
    } as const;
    const document = {
      path: 'a',
      state: 'up',
      last_proven_at,
      last_canary_at: last_proven_at,
      rtt_ms,
      queued: 2,
      detail: 'd',
    };
    expect(pathDocument('a', known)).toEqual(document);
  });

  test('an input says what it has heard and rejected', () => {
    const counters = { framesHeard: 7, framesRejected: 1, bytesRead: 99 };
    expect(inputDocument('bus', { state: 'down', detail: 'unplugged' }, counters, [])).toEqual({
      input: 'bus',
      state: 'down',
      detail: 'unplugged',
      frames_heard: 7,
      frames_rejected: 1,
    });
  });

  test('a trouble stands until it is restored', () => {
    const trouble = { id: 't.1', type: 'pathDown', subject: 'a', text: 'Path a down', sinceWallMs: AT } as const;
    const base = { id: 't.1', type: 'pathDown', severity: 'critical', path: 'a', text: 'Path a down', since_at: ISO };
    const here = site([], []);
    expect(troubleDocument(trouble, here)).toEqual({ ...base, state: 'standing' });
    const restored = { ...base, state: 'restored', restored_at: '2026-11-28T09:00:01.005Z' };
    expect(troubleDocument(trouble, here, AT + 1_000)).toEqual(restored);
  });

  test.each([
    [
      'stuckButton',
      'wb-101.main',
      { severity: 'major', device: 'wb-101', building: 'A', floor: '1', room: '101', ...NAMES },
    ],
    ['deviceMissing', 'gone', { severity: 'major', device: 'gone' }],
    ['doorForced', 'door-101', { severity: 'major', door: 'door-101', building: 'A' }],
    ['doorForced', 'gone', { severity: 'major', door: 'gone' }],
    ['inputDown', 'bus-1', { severity: 'critical', input: 'bus-1' }],
    ['bridgeDown', 'mqtt-1.zigbee2mqtt/bridge/state', { severity: 'critical', input: 'mqtt-1' }],
    ['outputFault', 'strobe', { severity: 'minor', output: 'strobe' }],
    ['logFailed', 'log', { severity: 'minor' }],
    ['ofALaterVersion' as 'logFailed', 'x', { severity: 'major' }],
  ] as const)('a trouble %s of %s names what it is about', (type, subject, about) => {
    const doors = [{ id: 'door-101', name: 'Rm 101', building: 'A', zone: 1, area: 0 }];
    const here = { ...site([device(101)], []), doors };
    const trouble = { id: 't.1', type, subject, text: 'Text', sinceWallMs: AT };
    const said = { id: 't.1', type, state: 'standing', text: 'Text', since_at: ISO };
    expect(troubleDocument(trouble, here)).toEqual({ ...said, ...about });
  });

  test('a drill and a door say since when', () => {
    const drill = {
      scope: 'site',
      startedAt: AT,
      endsAt: AT,
      by: 'cli:kim',
      reason: 'autumn',
      place: { kind: 'site' },
    };
    const documented = {
      scope: 'site',
      state: 'ended',
      started_at: ISO,
      ends_at: ISO,
      by: 'cli:kim',
      reason: 'autumn',
    };
    expect(drillDocument(drill, 'ended')).toEqual(documented);
    const door = { id: 'd', name: 'Rm 1', building: 'A', heldOpenMs: 1, contact: undefined, bolt: undefined };
    const open = { door: 'd', name: 'Rm 1', building: 'A', state: 'open', since_at: ISO };
    expect(doorDocument(door as never, 'open', AT)).toEqual(open);
  });

  test('a device names each input that hears it, and each point with its state', () => {
    const condition = {
      tamper: null,
      lowBattery: true,
      batteryMv: 2900,
      batteryPercent: null,
      supplyMv: null,
      silentMode: false,
    };
    const reception = [{ input: 'ble', device: 'w', rssiDbm: -70, perMinute: 12, trend: 'steady' } as const];
    const points = new Map([[1, { number: 1, id: 'p', type: 'bolt' }]]);
    const names = { building: 'Main building', floor: 'Floor 1', room: 'Rm 101' };
    const location = { building: 'A', floor: '1', room: '101', text: 'A, 1, 101', names };
    const buttons = new Map([[0, { id: 'red', kind: 'intruder' }]]);
    const device = { id: 'w', input: 'bus', location, buttons, points, wiresSupervised: false } as unknown as Device;
    const known = {
      supervised: 'ok',
      lastProvenWallMs: AT,
      condition,
      notUnderstood: 3,
      reception,
      stateOf: () => 'locked' as const,
    } as const;
    expect(deviceDocument(device, new Map([[KIND.id, KIND]]), known)).toEqual({
      device: 'w',
      input: 'bus',
      buttons: { red: { kind: 'intruder', kind_name: 'Intruder' } },
      supervised: 'ok',
      last_proven_at: ISO,
      tamper: null,
      low_battery: true,
      battery_mv: 2900,
      battery_percent: null,
      supply_mv: null,
      silent_mode: false,
      wires_supervised: false,
      not_understood: 3,
      reception: { ble: { rssi_dbm: -70, per_minute: 12, trend: 'steady' } },
      points: { p: { type: 'bolt', state: 'locked' } },
      building: 'A',
      floor: '1',
      room: '101',
      ...NAMES,
    });
  });
});
