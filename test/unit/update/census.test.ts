import { describe, expect, test } from 'vitest';
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
    devices: [{ device: 'wb-1', supervised: device }],
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

  test('is confirmed at its end with devices that were not due yet, and says which', () => {
    const census = { ...WELL, items: WELL.items.map((item) => ({ ...item, withinMs: 60 * MINUTE })) };
    expect(verdict({ device: 'unknown' }, 9, census).verdict).toBe('waiting');
    expect(verdict({ device: 'unknown' }, 10, census)).toMatchObject({ verdict: 'well', notJudged: [{ id: 'wb-1' }] });
    expect(verdict({ device: 'missing' }, 10, census).verdict).toBe('lost');
  });

  test('waits for the canary on each path that had it, and is bad without', () => {
    const census = { ...WELL, canary: { paths: ['central'], withinMs: 30_000 } };
    const pressed = (elapsedMs: number): CanaryProgress => ({ before: new Map([['central', 'then']]), elapsedMs });
    expect(verdict({ canaryAt: 'then' }, 1, census).verdict).toBe('waiting');
    expect(verdict({ canaryAt: 'then' }, 1, census, pressed(1000)).verdict).toBe('waiting');
    expect(verdict({ canaryAt: 'now' }, 1, census, pressed(1000)).verdict).toBe('well');
    expect(verdict({ canaryAt: 'then' }, 5, census, pressed(151_000)).verdict).toBe('lost');
    expect(verdict({}, 1, census, { ...pressed(0), refused: 'no output' }).verdict).toBe('lost');
  });
});

test('a trial lasts 10 minutes, or what the slowest device needs, and never more than an hour', () => {
  const of = (withinMs: number) => trialMinutes({ ...WELL, items: [{ what: 'device', id: 'x', withinMs }] });
  expect([of(MINUTE), of(20 * MINUTE), of(25 * 60 * MINUTE)]).toEqual([10, 21, 60]);
});
