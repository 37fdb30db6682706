import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backupState } from '../../gateway/cli/backup/last-backup.ts';
import { deviceLines } from '../../gateway/cli/status/device-lines.ts';
import { remedyFor } from '../../gateway/cli/status/remedies.ts';
import { backupLines, drillLines, statusText, troubleLines } from '../../gateway/cli/status/status-text.ts';
import { age, table, wrapped } from '../../gateway/cli/terminal-text.ts';
import { TROUBLE_TYPES } from '../../gateway/core/trouble-types.ts';
import { StatusBoard } from '../../gateway/status-board.ts';
import { wallMs } from '../../gateway/system/clock.ts';
import type { AlertDocument, DeviceDocument, TroubleDocument } from '../../protocol/mqtt-documents.ts';
import { OPEN_ALERTS_MAX, overallState, type StatusDocument } from '../../protocol/status-document.ts';
import { STATUS } from '../integration/control-rig.ts';

const NOW = new Date(STATUS.at);
const OPTIONS = { width: 80, now: NOW };

const DEVICE: DeviceDocument = {
  device: 'tag-105',
  input: 'radio-1',
  buttons: {},
  supervised: 'ok',
  last_proven_at: '2026-11-28T08:59:50.000Z',
  tamper: null,
  low_battery: null,
  battery_mv: null,
  battery_percent: null,
  supply_mv: null,
  silent_mode: null,
  wires_supervised: null,
  reception: {},
  points: {},
  not_understood: 0,
  building: 'A',
  floor: '1',
  room: '105',
  building_name: 'Main building',
  floor_name: 'First floor',
  room_name: 'Rm 105 Staff room',
};
const TROUBLE: TroubleDocument = {
  id: 'T1.1',
  type: 'deviceMissing',
  severity: 'major',
  state: 'standing',
  text: 'Device missing: tag-105, Main building, First floor, Rm 105 Staff room beside the gymnasium',
  detail: 'never heard since the start',
  since_at: '2026-11-28T08:30:00.000Z',
};

function plain(lines: readonly string[]): string {
  return stripVTControlCharacters(lines.join('\n'));
}

describe('the overall word', () => {
  const paths = [
    { path: 'a', state: 'down', last_proven_at: null, last_canary_at: null, rtt_ms: null, queued: 0, detail: '' },
  ] as const;
  const inputs = [{ input: 'a', state: 'unknown', detail: '', frames_heard: 0, frames_rejected: 0 }] as const;
  test.each<[string, Partial<StatusDocument>]>([
    ['ok', {}],
    ['ok', { devices: [{ ...DEVICE, supervised: 'unsupervised' }] }],
    ['starting', { inputs }],
    ['starting', { devices: [{ ...DEVICE, supervised: 'unknown' }] }],
    ['trouble', { inputs, troubles: [TROUBLE] }],
    ['trouble', { paths }],
    ['trouble', { devices: [{ ...DEVICE, supervised: 'missing' }] }],
  ])('%s', (word, status) => {
    expect(overallState({ ...STATUS, ...status })).toBe(word);
  });
});

test('what is wrong comes first, with its age and what to do about it', () => {
  const text = plain(statusText({ ...STATUS, troubles: [TROUBLE], devices: [DEVICE] }, OPTIONS));
  expect(text).toMatch(/^TROUBLE {2}gw-1, version 0\.1\.0/);
  expect(text.indexOf('Troubles')).toBeLessThan(text.indexOf('Devices'));
  expect(text).toContain('(30 min)  Device missing: tag-105');
  expect(text).toContain('\n    never heard since the start\n');
  expect(text).toContain('    Press the device.');
});

test('every type of trouble has a remedy', () => {
  for (const type of Object.keys(TROUBLE_TYPES)) expect(remedyFor(type)).toMatch(/^[A-Z].*\.$/);
  expect(remedyFor('toString')).toBeUndefined();
});

test('a device line has state, battery, reception and the last sign of life', () => {
  const low = { ...DEVICE, low_battery: true, battery_percent: 9, tamper: true };
  const heard = { ...low, reception: { 'radio-1': { rssi_dbm: -71, per_minute: 8, trend: 'steady' } } } as const;
  const line = 'tag-105  A/1/105  ok  heard 10 s ago  low battery 9 %, tampered, -71 dBm';
  expect(plain(deviceLines([heard], OPTIONS))).toBe(`  ${line}\n\n  1 in all: 1 ok`);
});

test('what a device said and nothing names is counted, with where its text is', () => {
  const lines = plain(deviceLines([DEVICE, { ...DEVICE, not_understood: 2 }], OPTIONS));
  expect(lines).toMatch(/2 not understood\n\n {2}Not understood: the log has the text, .*site.yaml.\n {2}2 in all/s);
  expect(plain(deviceLines([DEVICE], OPTIONS))).not.toMatch(/the log/);
});

test('a drill says who started it, why, and until when', () => {
  const drill = { scope: 'building:A', state: 'running', started_at: STATUS.at, ends_at: STATUS.at } as const;
  const text = plain(drillLines({ ...STATUS, drills: [{ ...drill, by: 'cli:maria', reason: 'autumn' }] }, OPTIONS));
  expect(text).toMatch(/building:A {2}until .* {2}started by maria: autumn/);
});

test('no line is wider than the terminal, unless one word is', () => {
  const words = fc.array(fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' }), { maxLength: 30 });
  fc.assert(
    fc.property(words, fc.integer({ min: 30, max: 120 }), (texts, width) => {
      const text = texts.join(' ');
      for (const line of wrapped(text, width, 4)) expect(line.length).toBeLessThanOrEqual(width);
      const bare = (lines: readonly string[]) => lines.join(' ').replaceAll(/\s+/g, ' ').trim();
      expect(bare(wrapped(text, width, 4))).toBe(bare([text]));
    }),
  );
});

test('a column without anything in it is left out, and the last one is wrapped under itself', () => {
  expect(
    table(
      [
        ['a', '', 'one two'],
        ['bcd', '', 'three'],
      ],
      25,
    ),
  ).toEqual([['  a    one two'], ['  bcd  three']]);
  const [, second] = table([['a', 'many words that are longer than the line']], 25).flat();
  expect(second).toMatch(/^ {5}\w/);
});

describe('a site with hundreds of devices', () => {
  const devices = Array.from({ length: 300 }, (_, at) => {
    const room = String(at + 1);
    return { ...DEVICE, device: `z-${room}`, room, supervised: at % 3 === 0 ? 'missing' : 'unknown' } as const;
  });
  const troubles = devices.map(({ device }, at) => ({ ...TROUBLE, id: `T${at}`, text: `Device missing: ${device}` }));

  test('that are missing fills no more than a page of its status, and leaves nothing out of its lists', () => {
    const status = { ...STATUS, troubles, devices };
    const lines = plain(statusText(status, OPTIONS)).split('\n');
    expect(lines.length).toBeLessThan(40);
    expect(lines).toContain('  and 292 more: callpoint troubles lists them');
    expect(lines).toContain('  and 92 more: callpoint devices lists them');
    expect(lines.filter((line) => line.includes('Press the device.'))).toHaveLength(1);
    const listed = plain([...troubleLines(status, OPTIONS), ...deviceLines(devices, OPTIONS)]);
    for (const { device } of devices) expect(listed.match(new RegExp(`${device}\\b`, 'g'))).toHaveLength(2);
  });

  test('is listed with the urgent ones first, then in the order of the rooms, and counted last', () => {
    const lines = plain(deviceLines(devices, OPTIONS)).split('\n');
    expect(lines[0]).toMatch(/z-1 .*missing/);
    expect(lines[1]).toMatch(/z-4 .*missing/);
    expect(lines[100]).toMatch(/z-2 .*unknown/);
    expect(lines.at(-1)).toBe('  300 in all: 100 missing, 200 unknown');
  });

  test('fits the terminal, whatever the devices are called', () => {
    const long = {
      ...DEVICE,
      device: 'gymnasium-corridor-button-51',
      supervised: 'unsupervised',
      battery_percent: 90,
    } as const;
    const lines = plain(deviceLines([...devices, long], OPTIONS)).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines.filter((line) => line.includes('z-7 '))).toHaveLength(1);
  });
});

test('a bridge stands beside its input, and a door that nobody knows is named', () => {
  const input = { input: 'mqtt-1', state: 'up', detail: 'connected', frames_heard: 1, frames_rejected: 0 } as const;
  const inputs = [{ ...input, bridges: { 'zigbee2mqtt/bridge/state': 'down' } } as const];
  const door = { door: 'd-1', name: 'Rm 101', building: 'A', state: 'unknown', since_at: STATUS.at } as const;
  const text = plain(statusText({ ...STATUS, inputs, doors: [door] }, OPTIONS));
  expect(text).toMatch(/ {4}zigbee2mqtt\/bridge\/state {2}down/);
  expect(text).toMatch(/d-1 {2}unknown {2}Rm 101/);
});

test.each([
  ['2026-11-28T08:59:57.000Z', '3 s'],
  ['2026-11-28T08:10:00.000Z', '50 min'],
  ['2026-11-28T02:00:00.000Z', '7 h'],
  ['2026-11-20T09:00:00.000Z', '8 d'],
  ['2026-11-28T10:00:00.000Z', '0 s'],
])('%s is %s old', (iso, text) => {
  expect(age(iso, NOW)).toBe(text);
});

describe('the board', () => {
  const board = () => new StatusBoard({ gateway: 'gw-1', version: '1', startedMs: wallMs() });
  const alert = (id: number, state: AlertDocument['state'] = 'sent') =>
    ({ kind: 'alert', document: { id: `a.${id}`, state, text: 'Fire' } as AlertDocument }) as const;

  test('keeps the newest of each document, and forgets what is over', () => {
    const each = board();
    each.published({ kind: 'trouble', document: TROUBLE });
    each.published({ kind: 'device', document: DEVICE });
    each.published({ kind: 'device', document: { ...DEVICE, supervised: 'missing' } });
    expect(each.status(wallMs())).toMatchObject({ troubles: [TROUBLE], devices: [{ supervised: 'missing' }] });
    each.published({ kind: 'trouble', document: { ...TROUBLE, state: 'restored' } });
    expect(each.status(wallMs()).troubles).toEqual([]);
  });

  test('keeps open alerts only, of thousands the newest', () => {
    const each = board();
    for (let id = 0; id < 2 * OPEN_ALERTS_MAX; id += 1) each.published(alert(id));
    each.published(alert(2 * OPEN_ALERTS_MAX - 1, 'cancelled'));
    const { alerts } = each.status(wallMs());
    expect(alerts).toHaveLength(OPEN_ALERTS_MAX - 1);
    expect(alerts.at(-1)?.id).toBe(`a.${2 * OPEN_ALERTS_MAX - 2}`);
  });
});

test('a trouble of an unknown type is shown without a remedy', () => {
  const status = { ...STATUS, troubles: [{ ...TROUBLE, type: 'ofTomorrow', text: 'Something' }] };
  expect(plain(troubleLines(status, OPTIONS))).toMatch(/\(30 min\) {2}Something\n {4}never heard since the start$/);
});

test.each<[string, number, number, string]>([
  ['40 days old', 40, 0, 'last backup 40 days ago'],
  ['of today', 0, 0, 'last backup today'],
  ['of yesterday', 1, 0, 'last backup 1 day ago'],
  ['older than the configuration', 3, 2, 'last backup 3 days ago, before the configuration was changed'],
])('the status says that the last backup is %s', (_what, days, changed, words) => {
  const dayMs = 86_400_000;
  const nowMs = NOW.getTime();
  const last = { made_at: new Date(nowMs - days * dayMs).toISOString(), file: 'x' };
  const backup = backupState(last, nowMs, changed === 0 ? 0 : nowMs - changed * dayMs);
  expect(plain(backupLines(backup, 80))).toBe(`\nBackup\n  ${words}`);
  expect(plain(backupLines(backupState(undefined, nowMs, 0), 80))).toContain('no backup was made yet');
});

test('files that were changed and are not taken up are named, with what takes them up', () => {
  const text = (changed?: StatusDocument['configuration_changed']) =>
    stripVTControlCharacters(
      statusText({ ...STATUS, ...(changed !== undefined && { configuration_changed: changed }) }, OPTIONS).join('\n'),
    );
  expect(text()).not.toContain('callpoint reload');
  const at = STATUS.at;
  expect(text({ files: ['keys.yaml'], at })).toMatch(
    /keys\.yaml was changed at .* and is not taken up: +callpoint\s+reload/,
  );
  expect(text({ files: ['site.yaml', 'keys.yaml'], at })).toMatch(/site\.yaml and keys\.yaml were changed/);
});
