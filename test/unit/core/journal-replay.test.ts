import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JournalEntry, JournalRecord, TroubleRecord } from '../../../gateway/core/journal-record.ts';
import type { Report } from '../../../gateway/core/report.ts';
import { compacted, JournalReplay, recoveredState, replayed } from '../../../gateway/core/restart/journal-replay.ts';
import { PackedMap } from '../../../gateway/system/packed-map.ts';
import { plainState } from './plain-state.ts';

const name = fc.constantFrom('a', 'b', 'c');
const path = fc.constantFrom('p', 'q', 'r');
const key = fc.constantFrom(undefined, undefined, 'k1', 'k2', 'k3');
const small = fc.integer({ min: 1, max: 9 });
const sequences = fc.dictionary(path, small, { maxKeys: 2 });
const outcome = fc.constantFrom('receiverAcknowledged', 'handedOver', 'unreachable');
const troubleState = fc.constantFrom('standing', 'restored', 'notice');
const troubleReport = fc.constantFrom('t.a.1', 't.a.2', 't.b.1', 't.a.1.restore', 'n.a.1');
/** What every report has beside. */
const CODES = { sia: fc.constant('HA'), contactId: fc.constant('122'), zone: fc.constant(0), area: fc.constant(0) };
const alertReport = fc.record({ ...CODES, id: name, class: fc.constant('alarm'), text: name, occurredMs: small });
const otherReport = fc.oneof(
  fc.record({
    id: fc.constantFrom('u', 'v'),
    ...CODES,
    class: fc.constant('update'),
    text: name,
    occurredMs: small,
    follows: name,
  }),
  fc.record({
    id: fc.constantFrom('x', 'y'),
    ...CODES,
    class: fc.constant('cancel'),
    text: name,
    occurredMs: small,
    follows: name,
  }),
  fc.record({
    id: troubleReport,
    ...CODES,
    class: fc.constant('trouble'),
    text: name,
    occurredMs: small,
  }),
);
const report = fc.oneof(name, fc.constantFrom('u', 'v', 'x', 'y', 't.a.1'));

/** Any record at any time, including records that no gateway would write. */
const record = fc
  .oneof(
    fc.record({ t: fc.constant('session'), at: small, session: small }),
    fc.record({ t: fc.constant('fromBackup'), at: small, madeAt: small, session: small }),
    fc
      .record({
        at: small,
        device: name,
        epoch: small,
        counter: fc.integer({ min: 1, max: 200 }),
        report: alertReport,
        sequences,
        key,
      })
      .map((alert) => ({
        t: 'alert',
        id: alert.report.id,
        kind: 'k',
        button: 0,
        pattern: 'single',
        authenticated: true,
        ...alert,
      })),
    fc.record({
      t: fc.constant('report'),
      at: small,
      report: otherReport,
      sequences,
      to: fc.option(fc.array(path), { nil: undefined }),
    }),
    fc.record({ t: fc.constant('routed'), at: small, report, to: fc.array(path) }),
    fc.record({ t: fc.constant('attempt'), at: small, report, path, n: small, format: small }),
    fc.record({
      t: fc.constant('outcome'),
      at: small,
      report,
      path,
      n: small,
      outcome,
      completes: fc.constantFrom(undefined, undefined, true),
    }),
    fc.record({ t: fc.constant('heard'), at: small, device: name, epoch: small, counter: small, key }),
    fc.record({ t: fc.constant('notConfirmed'), at: small, alert: name }),
    fc.record({
      t: fc.constant('closed'),
      at: small,
      alert: name,
      state: fc.constant('resolved'),
      by: name,
      reason: name,
    }),
    fc
      .record({
        t: fc.constant('trouble'),
        at: small,
        n: fc.constantFrom(1, 2),
        subject: name,
        state: troubleState,
        text: name,
      })
      .chain(({ n, ...trouble }) => {
        const id = `${trouble.state === 'notice' ? 'n' : 't'}.${trouble.subject}.${n}`;
        const rest = { id, type: 'pathDown', zone: 1, area: 1 };
        return fc
          .record({ reported: fc.constantFrom(true, undefined) })
          .map(({ reported }) => ({ ...trouble, ...rest, reported }));
      }),
    fc.record({ t: fc.constant('settled'), at: small, report }),
    fc.record({
      t: fc.constant('drill'),
      at: small,
      scope: name,
      state: fc.constantFrom('running', 'ended'),
      startedAt: small,
      endsAt: small,
      leftMs: small,
      by: name,
      reason: name,
    }),
    fc.record({
      t: fc.constant('counters'),
      at: small,
      session: small,
      devices: fc.constantFrom({ a: [3, 70, 'ff'] }, { a: [3, 70, 'ff', 'k2'] }, { b: [2, 9, '1f', 'k1', 5] }),
      keys: fc.constantFrom(undefined, {
        b: [
          ['k2', 1, null],
          ['k1', 2, [2, 9, '1f']],
        ],
      }),
      sequences,
    }),
  )
  .map((each) => JSON.parse(JSON.stringify(each)) as JournalRecord);

test('few records stand for many: whatever was written, they add up to the same', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 40 }), fc.array(record, { maxLength: 10 }), (before, after) => {
      const few = compacted(before);
      expect(plainState(few)).toEqual(plainState(before));
      expect(plainState([...few, ...after])).toEqual(plainState([...before, ...after]));
    }),
    { numRuns: 700 },
  );
});

test('delivered alerts that are kept as text add up to the same as those that are not', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 60 }), fc.integer({ min: 0, max: 2 }), (records, deliveredMax) => {
      const [few, many] = [new JournalReplay(new PackedMap<string>(0), deliveredMax), new JournalReplay()];
      for (const each of records) {
        few.add(each);
        many.add(each);
      }
      expect([...few.keys()]).toEqual([...many.keys()]);
      expect(replayed(few)).toEqual(replayed(many));
      expect(few.state()).toEqual(many.state());
    }),
    { numRuns: 400 },
  );
});

/** No gateway restores a backup into its own journal. */
const written = record.filter(({ t }) => t !== 'fromBackup');

/** Only earlier versions wrote no key. This version writes all that is news. */
function withKey(each: JournalRecord): JournalRecord {
  if (each.t === 'heard' || each.t === 'alert') return { ...each, key: each.key ?? 'k1' };
  if (each.t !== 'counters') return each;
  const named = Object.entries(each.devices).map(([id, [epoch, highest, seen, key, ...floor]]) => {
    return [id, [epoch, highest, seen, key ?? 'k1', ...floor]] as const;
  });
  return { ...each, devices: Object.fromEntries(named) };
}

/** Its report was not made before the gateway stopped. */
const STANDING: TroubleRecord = {
  t: 'trouble',
  at: 1,
  id: 't.c.1',
  type: 'pathDown',
  subject: 'c',
  state: 'standing',
  text: 'a',
  zone: 1,
  area: 1,
};
const ALARM: Report = {
  id: 'a',
  class: 'alarm',
  text: 'a',
  occurredMs: 1,
  sia: 'HA',
  contactId: '122',
  qualifier: 1,
  zone: 0,
  area: 0,
};
const PRESSED = { device: 'a', button: 0, pattern: 'single', epoch: 1, counter: 1, authenticated: true } as const;
const ALERT: JournalRecord = { t: 'alert', at: 1, id: 'a', kind: 'k', ...PRESSED, report: ALARM, sequences: {} };

test('what is news while they are being written may stand between them', () => {
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 30 }),
      fc.array(fc.array(written.map(withKey), { maxLength: 3 }), { maxLength: 12 }),
      (before, news) => {
        const replay = new JournalReplay();
        for (const each of before) replay.add(each);
        const entries: JournalEntry[] = replay.first();
        const keys = [...replay.keys()];
        const said = [...before];
        for (let turn = 0; turn < Math.max(keys.length, news.length); turn += 1) {
          entries.push(...replay.entries(keys.slice(turn, turn + 1)));
          for (const each of news[turn] ?? []) {
            said.push(each);
            entries.push({ record: each });
            replay.add(each);
          }
        }
        entries.push(replay.last());
        const sorted = (records: readonly JournalRecord[]) => {
          const { alerts, reports, drills, ...state } = plainState(records);
          return {
            ...state,
            alerts: new Map(alerts.map((each) => [each.raised.id, each])),
            reports: new Map(reports.map((each) => [each.report.id, each])),
            drills: new Map(drills.map((each) => [each.scope, each])),
          };
        };
        expect(sorted(entries.map((entry) => entry.record))).toEqual(sorted(said));
      },
    ),
    { numRuns: 500, examples: [[[STANDING, ALERT], [[{ ...STANDING, state: 'restored' }]]]] },
  );
});

test('the restoral of an earlier trouble does not end the one that stands, however often it is written', () => {
  const later = { ...STANDING, id: 't.c.2', reported: true } as const;
  const restored = { ...STANDING, state: 'restored' } as const;
  const { troubles, unreported } = recoveredState([later, restored, restored]);
  expect(troubles).toEqual([later]);
  expect(unreported).toEqual([restored]);
});

test('many attempts and updates of one alert stay few', () => {
  const alert = {
    t: 'alert',
    at: 1,
    id: 'a',
    kind: 'k',
    device: 'd',
    button: 0,
    pattern: 'single',
    epoch: 1,
    counter: 1,
    authenticated: true,
  };
  const alarm = {
    id: 'a',
    class: 'alarm',
    text: 'Intruder',
    occurredMs: 1,
    sia: 'HA',
    contactId: '122',
    zone: 0,
    area: 0,
  };
  const records = [{ ...alert, report: alarm, sequences: { p: 1 } }] as unknown as JournalRecord[];
  for (let n = 1; n <= 1_000; n += 1) {
    records.push({ t: 'attempt', at: n, report: 'a', path: 'p', n, format: 0 });
    records.push({ t: 'outcome', at: n, report: 'a', path: 'p', n, outcome: 'unreachable' });
    const update = {
      id: `a.update.${n}`,
      class: 'update',
      text: 'Door',
      occurredMs: n,
      sia: 'HA',
      contactId: '122',
      zone: 0,
      area: 0,
      follows: 'a',
    };
    records.push({ t: 'report', at: n, report: update, sequences: { p: n } } as unknown as JournalRecord);
    records.push({ t: 'settled', at: n, report: update.id });
  }
  const few = compacted(records);
  expect(few).toHaveLength(2);
  expect(JSON.stringify(few).length).toBeLessThan(3_000);
  expect(recoveredState(few).alerts[0]?.deliveries.get('p')?.attempts).toBe(1_000);
  expect(recoveredState(few).alerts[0]?.lastUpdate?.id).toBe('a.update.1000');
});

test('an update whose record stands in the journal twice, because its thread died before it could say so, is named once', () => {
  const alert = { id: 'a', class: 'alarm', text: 'Help', occurredMs: 1, sia: 'HA', contactId: '122', zone: 0, area: 0 };
  const raised = {
    t: 'alert',
    at: 1,
    id: 'a',
    kind: 'k',
    device: 'd',
    epoch: 1,
    counter: 1,
    report: alert,
    sequences: {},
  };
  const update = {
    id: 'a.update.1',
    class: 'update',
    text: 'Door',
    occurredMs: 2,
    sia: 'HA',
    contactId: '122',
    zone: 0,
    area: 0,
    follows: 'a',
  };
  const made = { t: 'report', at: 2, report: update, sequences: {} };
  const { alerts } = recoveredState([raised, made, made] as unknown as JournalRecord[]);
  expect(alerts[0]?.earlier).toEqual([{ id: 'a.update.1', occurredMs: 2 }]);
});
