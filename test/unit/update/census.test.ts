import { describe, expect, test } from 'vitest';
import type { Site } from '../../../gateway/core/site.ts';
import { type CanaryProgress, judge, takeCensus, trialMinutes } from '../../../gateway/update/census.ts';
import type { StatusDocument } from '../../../protocol/status-document.ts';

const MINUTE = 60_000;

interface Seen {
  readonly device?: string;
  readonly input?: string;
  readonly path?: string;
  readonly canaryAt?: string | null;
  readonly troubles?: readonly string[];
}

function status({ device = 'ok', input = 'up', path = 'up', canaryAt = null, troubles = [] }: Seen): StatusDocument {
  return {
    devices: [{ device: 'wb-1', input: 'bus', supervised: device }],
    inputs: [{ input: 'bus', state: input }],
    paths: [{ path: 'central', state: path, last_canary_at: canaryAt }],
    troubles: troubles.map((type) => ({ id: `${type}.x`, type, text: type })),
    alerts: [],
  } as unknown as StatusDocument;
}

const WELL = takeCensus(status({}), undefined);

function verdict(after: Seen, minutes: number, census = WELL, canary?: CanaryProgress) {
  return judge(census, status(after), { elapsedMs: minutes * MINUTE, limitMs: 10 * MINUTE }, canary);
}

describe('a release on trial', () => {
  test.each<readonly [string, Seen, number, string]>([
    ['has all that was well', {}, 0, 'well'],
    ['has not heard a device yet', { device: 'unknown' }, 1, 'waiting'],
    ['never hears the device', { device: 'unknown' }, 2, 'lost'],
    ['lost a path a moment ago', { path: 'down' }, 1, 'waiting'],
    ['loses a path', { path: 'down' }, 2, 'lost'],
    ['loses an input', { input: 'down' }, 2, 'lost'],
    ['has a defect', { troubles: ['gatewayDefect'] }, 0, 'lost'],
    ['cannot write its journal', { troubles: ['journalFailed'] }, 1, 'waiting'],
    ['cannot write its journal for long', { troubles: ['journalFailed'] }, 2, 'lost'],
    ['has a door held open', { troubles: ['doorHeldOpen'] }, 5, 'well'],
    ['has a low battery', { troubles: ['lowBattery'] }, 5, 'well'],
  ])('that %s is judged so', (_, after, minutes, wanted) => {
    expect(verdict(after, minutes).verdict).toBe(wanted);
  });

  test('is not blamed for what was not well before', () => {
    const census = takeCensus(status({ device: 'missing', path: 'down', troubles: ['journalFailed'] }), undefined);
    expect(verdict({ device: 'missing', path: 'down', troubles: ['journalFailed'] }, 5, census).verdict).toBe('well');
  });

  test('that forgets a device of the site is bad at once', () => {
    const after = { ...status({}), devices: [] };
    const times = { elapsedMs: 0, limitMs: 10 * MINUTE };
    expect(judge(WELL, after, times, undefined)).toMatchObject({
      verdict: 'lost',
      what: ['device wb-1 is not there any more'],
    });
  });

  test('is bad at its end with a device that was missed before it was due', () => {
    const census = { ...WELL, items: WELL.items.map((item) => ({ ...item, withinMs: 60 * MINUTE })) };
    expect(verdict({ device: 'missing' }, 9, census).verdict).toBe('waiting');
    expect(verdict({ device: 'missing' }, 10, census).verdict).toBe('lost');
  });

  describe('with no device heard at the end', () => {
    const hears = (minutes: number, ...heartbeats: number[]) => {
      const devices = heartbeats.map((every, at) => ({ device: `tag-${at}`, input: 'bus', supervised: 'ok', every }));
      const heard = { ...status({}), devices } as unknown as StatusDocument;
      const of = new Map(
        devices.map((each) => [each.device, { heartbeatMs: each.every * MINUTE, missedHeartbeats: 1 }]),
      );
      const census = takeCensus(heard, { devices: of, paths: [] } as unknown as Site);
      const after = (count: number) => ({
        ...heard,
        devices: devices.map((each, at) => ({ ...each, supervised: at < count ? 'ok' : 'unknown' })),
      });
      const times = { elapsedMs: minutes * MINUTE, limitMs: MINUTE };
      const judged = (count: number) => judge(census, after(count) as unknown as StatusDocument, times, undefined);
      return { census, none: judged(0), one: judged(1) };
    };

    test('it goes on until the quickest device of the input was due, and is lost then', () => {
      expect(hears(1, 0.25, 60).none.verdict).toBe('waiting');
      expect(hears(2, 0.25, 60).none.verdict).toBe('lost');
      expect(hears(119, 60, 60).none.verdict).toBe('waiting');
      expect(hears(120, 60, 60).none.verdict).toBe('lost');
    });

    test('one device of the input is enough, and the others are named', () => {
      expect(hears(1, 60, 60).one).toMatchObject({ verdict: 'well', notJudged: [{ id: 'tag-1' }] });
    });

    test('it never goes on for more than a day', () => {
      expect(hears(24 * 60 - 1, 24 * 60).none.verdict).toBe('waiting');
      expect(hears(24 * 60, 24 * 60).none).toMatchObject({ verdict: 'well', notJudged: [{ id: 'tag-0' }] });
    });

    test('a person cannot ask for less than that', () => {
      expect(trialMinutes(hears(0, 60, 600).census, 1)).toBe(121);
      expect(trialMinutes(hears(0, 0.25).census, 1)).toBe(3);
      expect(trialMinutes(hears(0, 0.25).census, 30)).toBe(30);
    });
  });

  test('says which input could not prove that it hears, because no device of it has a heartbeat', () => {
    const of = (provenAt: string | null): StatusDocument => ({
      ...status({}),
      started_at: '2026-11-28T12:00:00.000Z',
      devices: [{ device: 'tag', input: 'bus', supervised: 'unsupervised', last_proven_at: provenAt }] as never,
    });
    const times = { elapsedMs: MINUTE, limitMs: MINUTE };
    const judged = (provenAt: string | null) => judge(takeCensus(of(null), undefined), of(provenAt), times, undefined);
    expect(judged('2026-11-28T11:00:00.000Z')).toMatchObject({ verdict: 'well', unproven: ['bus'] });
    expect(judged('2026-11-28T12:00:01.000Z')).toMatchObject({ verdict: 'well', unproven: [] });
  });

  test('waits for the canary on each path that had it, and is bad without', () => {
    const census = { ...WELL, canary: { paths: ['central'], withinMs: 30_000 } };
    const pressed = (elapsedMs: number): CanaryProgress => ({ before: new Map([['central', 'then']]), elapsedMs });
    expect(verdict({ canaryAt: 'then' }, 1, census).verdict).toBe('waiting');
    expect(verdict({ canaryAt: 'then' }, 1, census, pressed(1000)).verdict).toBe('waiting');
    expect(verdict({ canaryAt: 'now' }, 1, census, pressed(1000)).verdict).toBe('well');
    expect(verdict({ canaryAt: 'then' }, 5, census, pressed(151_000)).verdict).toBe('lost');
    expect(verdict({}, 1, census, { ...pressed(0), refused: 'no answer' }).verdict).toBe('waiting');
    expect(verdict({}, 3, census, { ...pressed(2 * MINUTE), refused: 'no answer' }).verdict).toBe('lost');
  });
});

test('a trial lasts 10 minutes, or what the slowest device needs, and never more than an hour', () => {
  const of = (withinMs: number) => trialMinutes({ ...WELL, items: [{ what: 'device', id: 'x', withinMs }] });
  expect([of(MINUTE), of(20 * MINUTE), of(25 * 60 * MINUTE)]).toEqual([10, 21, 60]);
});
