import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Core } from '../../../gateway/core/core.ts';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import { JournalReplay } from '../../../gateway/core/restart/journal-replay.ts';
import { areKeys, isPacket, isReadable, isWindow } from '../../../gateway/core/restart/record-shape.ts';
import { quietSite } from './parts-rig.ts';

const REPORT = { id: 'a', class: 'alarm', text: 'Help', sia: 'HA', contactId: '122', zone: 1, area: 0, occurredMs: 1 };
const ALERT = {
  t: 'alert',
  at: 1,
  id: 'a',
  device: 'd',
  kind: 'k',
  epoch: 1,
  counter: 1,
  report: REPORT,
  sequences: {},
};
const ATTEMPT = { t: 'attempt', at: 1, report: 'a', path: 'p', n: 1, format: 0 };
const DRILL = { t: 'drill', at: 1, scope: 'site', state: 'running', startedAt: 1, endsAt: 2, leftMs: 1 };
const TROUBLE = { t: 'trouble', at: 1, id: 't', type: 'tamper', subject: 's', text: 'x', state: 'standing' };

/** The least of each type that can be read. */
const LEAST: readonly object[] = [
  { t: 'session', at: 1, session: 1 },
  { t: 'fromBackup', at: 1, madeAt: 1, session: 1 },
  { t: 'clockSet', at: 1, byMs: 1 },
  ALERT,
  { t: 'report', at: 1, report: REPORT, sequences: {} },
  ATTEMPT,
  { t: 'outcome', at: 1, report: 'a', path: 'p', outcome: 'handedOver' },
  { t: 'heard', at: 1, device: 'd', epoch: 1, counter: 1 },
  { t: 'hold', at: 1, id: 'a', device: 'd', button: 0, epoch: 1, counter: 2, part: 0, authenticated: true },
  { t: 'holdOver', at: 1, hold: 'a' },
  { t: 'packet', at: 1, device: 'd', packet: [true, 5, 'x'] },
  { t: 'notConfirmed', at: 1, alert: 'a' },
  { t: 'closed', at: 1, alert: 'a', state: 'resolved' },
  TROUBLE,
  { t: 'settled', at: 1, report: 'a' },
  { t: 'routed', at: 1, report: 'a', to: [] },
  DRILL,
  { t: 'kept', at: 1, of: ALERT, progress: [ATTEMPT] },
  { t: 'counters', at: 1, devices: {}, sequences: {} },
];

const read = (value: object) => isReadable(value as JournalRecord);

describe.each(LEAST.map((record) => [(record as { t: string }).t, record] as const))('%s', (_, record) => {
  test('is read, also with fields that a later version adds', () => {
    expect(read(record)).toBe(true);
    expect(read({ ...record, later: { anything: [1] } })).toBe(true);
  });

  test.each(Object.keys(record))('is not read without %s', (field) => {
    const { [field]: _missing, ...rest } = record as Record<string, unknown>;
    expect(read(rest)).toBe(false);
    expect(read({ ...rest, [field]: null })).toBe(false);
  });
});

test.each([
  ['another type', { t: 'tomorrow' }],
  ['a name that every object has', { t: 'constructor' }],
  ['a report without text', { ...ALERT, report: { ...REPORT, text: undefined } }],
  ['a time that is no date', { ...ALERT, at: 8.64e15 + 1 }],
  ['a list of paths that is none', { t: 'routed', at: 1, report: 'a', to: { 0: 'central' } }],
  ['a list of paths with a number', { t: 'report', at: 1, report: REPORT, sequences: {}, to: [7] }],
  ['an earlier report without a time', { t: 'kept', at: 1, of: ALERT, progress: [], earlier: [{ id: 'u' }] }],
  ['a last update that is no report', { t: 'kept', at: 1, of: ALERT, progress: [], lastUpdate: {} }],
  ['progress that is another report', { t: 'kept', at: 1, of: ALERT, progress: [ALERT] }],
  ['something kept that is neither alert nor report', { t: 'kept', at: 1, of: ATTEMPT, progress: [] }],
  [
    'something kept within something kept',
    { t: 'kept', at: 1, of: ALERT, progress: [{ t: 'kept', at: 1, of: ALERT, progress: [] }] },
  ],
  ['progress that is no list', { t: 'kept', at: 1, of: ALERT, progress: { length: 1 } }],
  ['progress with a hole', { t: 'kept', at: 1, of: ALERT, progress: [null] }],
])('%s is not read', (_, record) => {
  expect(read(record)).toBe(false);
});

test.each([
  [true, [1, 2, 'ff']],
  [true, [1, 2, 'ff', 'k']],
  [true, [1, 2, 'ff', null, 3]],
  [false, [1, 2]],
  [false, [1, 2, 'xyz']],
  [false, [1, 2, '']],
  [false, [1.5, 2, 'ff']],
  [false, [1, 2, 'ff', 7]],
  [false, [1, 2, 'ff', 'k', 'floor']],
  [false, { 0: 1, 1: 2, 2: 'ff' }],
  [false, null],
])('%s: %j is a saved window', (is, saved) => {
  expect(isWindow(saved)).toBe(is);
});

test.each([
  [true, []],
  [true, [['k', 1, null]]],
  [true, [['k', 2, [1, 2, 'ff']]]],
  [false, [['k', 1]]],
  [false, [['k', 1, [1]]]],
  [false, [[7, 1, null]]],
  [false, 'k'],
])('%s: %j is a list of keys', (is, saved) => {
  expect(areKeys(saved)).toBe(is);
});

const value = fc.oneof(
  fc.constantFrom(...LEAST),
  fc.object({ maxDepth: 3 }),
  fc.constantFrom(...Object.values(REPORT), 7, null, ['central'], [7]),
);
const field = fc.constantFrom(
  ...[
    't',
    'report',
    'of',
    'progress',
    'sequences',
    'devices',
    'keys',
    'id',
    'to',
    'at',
    'type',
    'scope',
    'path',
    'none',
  ],
  ...['earlier', 'lastUpdate', 'outcome', 'key'],
);
/** Records of which one field is anything at all. */
const strange = fc
  .array(fc.tuple(fc.constantFrom(...LEAST), field, value), { maxLength: 12 })
  .map((all) =>
    all.map(([of, name, anything]) => (name === 'none' ? of : { ...of, [name]: anything }) as JournalRecord),
  );

test('a journal of any content is replayed, and what is not understood is counted', () => {
  fc.assert(
    fc.property(strange, (records) => {
      const replay = new JournalReplay();
      for (const each of records) replay.add(each);
      expect(replay.state().unreadable).toBe(records.filter((each) => !isReadable(each)).length);
      expect([...replay.keys()].length).toBe(replay.entries(replay.keys()).length);
    }),
    { numRuns: 500 },
  );
});

test('no record keeps the gateway from starting', () => {
  fc.assert(
    fc.property(strange, (records) => {
      const core = new Core(quietSite(), records, { monoMs: 1, wallMs: 1 });
      expect(core.start({ monoMs: 1, wallMs: 1 }).length).toBeGreaterThan(0);
    }),
    { numRuns: 1_000 },
  );
});

test.each<[string, unknown, boolean]>([
  ['a device that counts', [true], true],
  ['a press', [false, 5, '[]'], true],
  ['a number without a message', [true, 5], false],
  ['a message without a number', [true, null, '[]'], false],
  ['nothing', [], false],
  ['another shape', { id: 5 }, false],
])('what is saved of a device with packet ids, readable or not: %s', (_, saved, is) => {
  expect(isPacket(saved)).toBe(is);
});
