import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spreadOf } from '../../../gateway/after-action/figures.ts';
import { JournalHistory } from '../../../gateway/after-action/journal-history.ts';
import { merged, PathHistory, type Span } from '../../../gateway/after-action/path-history.ts';
import type { JournalRecord, TroubleRecord } from '../../../gateway/core/journal-record.ts';

const HOUR = 3_600_000;
const PERIOD: Span = { from: 0, until: 10 * HOUR };

function account(outages: readonly (readonly [number, number | undefined])[], observed: readonly Span[] = [PERIOD]) {
  const history = new PathHistory('central');
  for (const [at, [from, until]] of outages.entries()) {
    history.down(`t${at}`, from);
    if (until !== undefined) history.up(`t${at}`, until);
  }
  return history.account(PERIOD, observed);
}

describe('the availability of a path', () => {
  test('without an outage is 100 % of the time that was observed', () => {
    expect(account([])).toMatchObject({ outages: 0, down_ms: 0, available_percent: 100, is_down: false });
  });

  test('is not known where nothing was observed', () => {
    expect(account([[0, HOUR]], [])).toMatchObject({ observed_ms: 0, available_percent: null });
  });

  test('counts an outage from before the period from its beginning, and one that stands to its end', () => {
    expect(account([[-HOUR, HOUR]])).toMatchObject({ outages: 1, down_ms: HOUR, is_down: false });
    expect(account([[9 * HOUR, undefined]])).toMatchObject({ down_ms: HOUR, available_percent: 90, is_down: true });
    expect(account([[-2 * HOUR, -HOUR]])).toMatchObject({ outages: 0, down_ms: 0 });
  });

  test('says nothing of the time in which the gateway was off', () => {
    const observed = [
      { from: 0, until: HOUR },
      { from: 9 * HOUR, until: 10 * HOUR },
    ];
    expect(account([[HOUR / 2, 9.5 * HOUR]], observed)).toMatchObject({
      observed_ms: 2 * HOUR,
      down_ms: HOUR,
      available_percent: 50,
    });
  });

  test('never rounds up to 100 %', () => {
    expect(account([[0, 10]]).available_percent).toBe(99.999);
  });

  test('an outage that a restart wrote again counts once', () => {
    const history = new PathHistory('central');
    history.down('t', HOUR);
    history.down('t', HOUR);
    history.up('t', 2 * HOUR);
    expect(history.account(PERIOD, [PERIOD])).toMatchObject({ outages: 1, down_ms: HOUR });
  });

  test('is always between 0 and 100 %, and no outage is longer than all of them', () => {
    const time = fc.integer({ min: -5 * HOUR, max: 15 * HOUR });
    const outages = fc.array(fc.tuple(time, fc.option(time, { nil: undefined })), { maxLength: 8 });
    const runs = fc.array(fc.tuple(time, time), { maxLength: 5 });
    fc.assert(
      fc.property(outages, runs, (down, ran) => {
        const spans = ran.map(([a, b]) => ({
          from: Math.max(0, Math.min(a, b)),
          until: Math.min(10 * HOUR, Math.max(a, b)),
        }));
        const observed = merged(spans.filter(({ from, until }) => from < until));
        const { available_percent: percent, down_ms, longest_ms, observed_ms } = account(down, observed);
        expect(down_ms).toBeLessThanOrEqual(observed_ms);
        expect(longest_ms).toBeLessThanOrEqual(down_ms);
        if (percent !== null) {
          expect(percent).toBeGreaterThanOrEqual(0);
          expect(percent).toBeLessThanOrEqual(100);
          expect(percent === 100).toBe(down_ms === 0);
        }
      }),
    );
  });
});

test('merged spans are apart, in order, and cover the same time', () => {
  const span = fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 30 })).map(([from, ms]) => ({ from, until: from + ms }));
  fc.assert(
    fc.property(fc.array(span), (spans) => {
      const apart = merged(spans);
      for (const [at, { from, until }] of apart.entries()) {
        expect(from).toBeLessThan(until);
        expect(from).toBeGreaterThan(apart[at - 1]?.until ?? -1);
      }
      for (let ms = 0; ms < 130; ms += 1) {
        const isIn = (all: readonly Span[]) => all.some(({ from, until }) => from <= ms && ms < until);
        expect(isIn(apart)).toBe(isIn(spans));
      }
    }),
  );
});

describe('the time during which the gateway is known to have run', () => {
  const observed = (records: readonly JournalRecord[]) => {
    const period = { from: 0, until: 100 * HOUR };
    const history = new JournalHistory({ period, supervised: period });
    for (const record of records) history.add(record);
    return history.paths(['central'])[0]?.observed_ms;
  };
  const session = (at: number): JournalRecord => ({ t: 'session', at, session: 1 });
  const counters = (at: number): JournalRecord => ({ t: 'counters', at, devices: {}, sequences: {} });

  test('ends with the last record of each run', () => {
    expect(observed([session(0), counters(HOUR), session(5 * HOUR), counters(6 * HOUR)])).toBe(2 * HOUR);
  });

  test('does not include the years between a boot in 1970 and the time from the network', () => {
    expect(observed([session(0), counters(60 * HOUR), counters(61 * HOUR)])).toBe(HOUR);
  });

  test('is not stretched by records that tell of earlier times', () => {
    const kept: JournalRecord = { t: 'notConfirmed', at: HOUR, alert: 'x' };
    expect(observed([session(10 * HOUR), kept, counters(11 * HOUR)])).toBe(HOUR);
  });
});

describe('troubles of a period', () => {
  const trouble = (id: string, at: number, state: TroubleRecord['state']): TroubleRecord => {
    return { t: 'trouble', at, id, type: 'inputDown', subject: 'bus-1', state, text: `${id} down`, zone: 0, area: 0 };
  };
  const texts = (records: readonly JournalRecord[]) => {
    const period = { from: 10 * HOUR, until: 20 * HOUR };
    const history = new JournalHistory({ period, supervised: period });
    for (const record of records) history.add(record);
    return history.troubles().newest.map(({ text, restored_at, is_notice }) => [text, restored_at !== null, is_notice]);
  };

  test('are those that stood in it, however long before it they began', () => {
    expect(texts([trouble('a', HOUR, 'standing'), trouble('a', 15 * HOUR, 'restored')])).toEqual([
      ['a down', true, false],
    ]);
    expect(texts([trouble('a', HOUR, 'standing')])).toEqual([['a down', false, false]]);
    expect(texts([trouble('a', HOUR, 'standing'), trouble('a', 2 * HOUR, 'restored')])).toEqual([]);
    expect(texts([trouble('a', HOUR, 'notice'), trouble('b', 12 * HOUR, 'notice')])).toEqual([['b down', false, true]]);
    expect(texts([trouble('a', 21 * HOUR, 'standing')])).toEqual([]);
  });
});

test('a spread has its values in order, and is null without values', () => {
  expect(spreadOf([])).toBeNull();
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), (values) => {
      const { fastest, median, slowest } = spreadOf(values) ?? { fastest: NaN, median: NaN, slowest: NaN };
      expect(values).toEqual(expect.arrayContaining([fastest, median, slowest]));
      expect(fastest <= median && median <= slowest).toBe(true);
      expect(values.filter((value) => value < fastest || value > slowest)).toEqual([]);
    }),
  );
});
