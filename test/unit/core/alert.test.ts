import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alertState, isNotConfirmed } from '../../../gateway/core/alert-progress.ts';
import { Alert, attemptedPaths, isSettled, publishedAlert, wallStatus } from '../../../gateway/core/alerts/alert.ts';
import { alarmReport, closingReport, doorsReport } from '../../../gateway/core/make-report.ts';
import { device, KINDS } from '../../simulation/site.ts';
import { WALL_MS } from './parts-rig.ts';

const STEP = { atMs: 5 } as const;
const ON_PATH = { path: 'central', atMs: 5 } as const;
const CLOSED = { state: 'resolved', by: 'kim', reason: 'over' } as const;

function alertOf(changes: Partial<Alert> = {}, { isRecovered = false, isRenamed = false } = {}): Alert {
  const from = device(101);
  const [kind, button] = [KINDS[0], from.buttons.get(0)];
  if (kind === undefined || button === undefined) throw new Error('the school has no such button');
  const facts = { id: 'wb-101.1.1', kind, device: from, button, authenticated: true, occurredMs: WALL_MS };
  const doors = [{ id: 'd', name: 'Rm 1', state: 'open' }] as const;
  const report = alarmReport({ ...facts, exercise: undefined, doors });
  const name = isRenamed ? 'Hold-up, as it was called before' : report.text;
  const press = { ...facts, pattern: 'single', identity: { epoch: 1, counter: 1 } } as const;
  const capturedMs = isRecovered ? undefined : 1;
  return Object.assign(new Alert({ ...press, capturedMs }, { ...report, text: name }, WALL_MS), changes);
}

test.each([
  ['raised', {}],
  ['sent', { sent: STEP }],
  ['sent', { sent: STEP, handedOver: ON_PATH }],
  ['acknowledged', { sent: STEP, acknowledged: ON_PATH }],
  ['acknowledged', { acknowledged: ON_PATH, notConfirmed: true }],
  ['resolved', { acknowledged: ON_PATH, closed: CLOSED }],
  ['resolved', { closed: CLOSED }],
] as const)('an alert is %s with %j', (state, changes) => {
  expect(alertState(alertOf(changes))).toBe(state);
});

test.each([
  [false, {}],
  [true, { notConfirmed: true }],
  [false, { notConfirmed: true, acknowledged: ON_PATH }],
  [false, { notConfirmed: true, handedOver: ON_PATH }],
  [true, { notConfirmed: true, closed: CLOSED }],
] as const)('NOT CONFIRMED is %s with %j', (is, changes) => {
  expect(isNotConfirmed(alertOf(changes))).toBe(is);
});

describe('the wall', () => {
  test.each([
    ['is told nothing before the press is durable', undefined, { sent: STEP }],
    ['is told heard', 'heard', { durable: STEP }],
    ['is told sent once it is durable', 'sent', { durable: STEP, sent: STEP }],
    ['is told accepted without the journal', 'accepted', { acknowledged: ON_PATH }],
    ['is told NOT CONFIRMED without the journal', 'notConfirmed', { notConfirmed: true }],
    [
      'is told sent again once its plan is complete',
      'sent',
      { notConfirmed: true, handedOver: ON_PATH, durable: STEP, sent: STEP },
    ],
  ] as const)('%s', (_, status, changes) => {
    expect(wallStatus(alertOf(changes))).toBe(status);
  });
});

test.each([
  [false, { sent: STEP, durable: STEP, notConfirmed: true }],
  [true, { acknowledged: ON_PATH }],
  [true, { handedOver: ON_PATH }],
  [true, { undeliverable: true }],
] as const)('something is owed to receivers until the alert is settled: %s with %j', (is, changes) => {
  expect(isSettled(alertOf(changes))).toBe(is);
});

const FINISHED = ['acknowledged', 'handedOver', 'refused', 'withdrawn'] as const;
const delivery = (states: readonly string[]) =>
  fc.record({
    state: fc.constantFrom(...states) as fc.Arbitrary<(typeof FINISHED)[number]>,
    attempts: fc.nat(9),
    sequence: fc.integer({ min: 1, max: 9_999 }),
  });
const deliveries = fc.uniqueArray(fc.tuple(fc.constantFrom('central', 'radio', 'pager'), delivery(FINISHED)), {
  selector: ([path]) => path,
});

test('an alert that has become compact is shown and told as before', () => {
  fc.assert(
    fc.property(deliveries, fc.boolean(), fc.boolean(), (finished, isRecovered, isRenamed) => {
      const alert = alertOf(
        { deliveries: new Map(finished), acknowledged: ON_PATH },
        { isRecovered, isRenamed: isRecovered && isRenamed },
      );
      alert.noteUpdate({ id: 'u', occurredMs: 9 });
      const told = () => {
        const news = { earlier: alert.earlier, atMs: WALL_MS + 9 };
        return [
          publishedAlert(alert),
          attemptedPaths(alert),
          closingReport(alert.report, alert.kind, CLOSED, news),
          doorsReport(alert.report, 'd.1', [], news),
        ];
      };
      const before = told();
      expect(alert.compact()).toBe(true);
      expect(told()).toEqual(before);
      expect(alert.compact()).toBe(true);
    }),
  );
});

test('a late answer on a path that was withdrawn is shown by a compact alert as well', () => {
  const withdrawn = { state: 'withdrawn', attempts: 1, sequence: 4 } as const;
  const alert = alertOf({ deliveries: new Map([['radio', withdrawn]]), acknowledged: ON_PATH });
  alert.compact();
  alert.noteFinished(['radio', { ...withdrawn, state: 'acknowledged' }]);
  expect(publishedAlert(alert).paths).toEqual({ radio: { state: 'acknowledged', attempts: 1, sequence: 4 } });
});

test.each(['queued', 'sending', 'waiting', 'gathered'])(
  'an alert that is %s on a path does not become compact',
  (state) => {
    const deliveries = new Map([['radio', { state: state as 'queued', attempts: 1, sequence: 4 }]]);
    const alert = alertOf({ deliveries, acknowledged: ON_PATH });
    expect(alert.compact()).toBe(false);
    expect([...alert.deliveries]).toEqual([...deliveries]);
  },
);

test('of many updates the newest are named, and the alarm always', () => {
  const alert = alertOf();
  for (let n = 1; n <= 40; n += 1) alert.noteUpdate({ id: `u${n}`, occurredMs: n });
  expect(alert.earlier).toHaveLength(16);
  expect(alert.earlier[0]).toEqual({ id: alert.id, occurredMs: WALL_MS });
  expect(alert.earlier.at(-1)).toEqual({ id: 'u40', occurredMs: 40 });
});
