import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FailedEnd } from '../../../../gateway/core/delivery/delivery.ts';
import { type NextUp, PathPace } from '../../../../gateway/core/delivery/path-pace.ts';
import { path } from '../../../simulation/site.ts';
import { deliveryOf, reportOf } from './parts.ts';

const RETRY_MAX_MS = 30_000;
const ALARM: NextUp = { isFresh: false, isAlarm: true, characters: 40, openAlarms: 1 };
const FRESH: NextUp = { ...ALARM, isFresh: true };
const OTHER: NextUp = { ...ALARM, isAlarm: false };
const paceOf = () => new PathPace(path('central', { retryMsMax: RETRY_MAX_MS }));
const ends = fc.constantFrom<FailedEnd>('unreached', 'unanswered', 'refused');

describe('polls', () => {
  test('that fail never delay a report', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60_000), ends), { maxLength: 30 }), ends, (polls, end) => {
        const [with_, without] = [paceOf(), paceOf()];
        for (const pace of [with_, without]) pace.failed(1000, 0, end, 0);
        for (const [afterMs, pollEnd] of polls) with_.pollFailed(1000 + afterMs, 500 + afterMs, pollEnd);
        for (const next of [ALARM, FRESH, OTHER]) expect(with_.dueMs(1000, next)).toBe(without.dueMs(1000, next));
        expect(with_.slots(false)).toBe(without.slots(false));
      }),
    );
  });

  test('that succeed end a hold-off for want of an answer, and none that a refusal began', () => {
    for (const end of ['unreached', 'unanswered', 'refused'] as const) {
      const pace = paceOf();
      for (let count = 0; count < 8; count++) pace.failed(count, count, end, 0);
      const heldMs = pace.dueMs(10, OTHER);
      expect(pace.answered()).toBe(end !== 'refused');
      expect(pace.dueMs(10, OTHER)).toBe(end === 'refused' ? heldMs : Number.NEGATIVE_INFINITY);
    }
  });

  test('do not shorten a rest that the far end asked for; an accepted report ends it', () => {
    const pace = paceOf();
    pace.failed(0, 0, 'refused', 60_000);
    pace.answered();
    expect(pace.dueMs(1, ALARM)).toBe(60_000);
    pace.accepted();
    expect(pace.dueMs(1, ALARM)).toBeLessThan(1);
  });
});

test('an alarm waits no longer than the longest wait, however often the path has failed and whatever was said', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40_000), ends), { minLength: 1, maxLength: 40 }), (failures) => {
      const pace = paceOf();
      let nowMs = 0;
      for (const [afterMs, end] of failures) {
        nowMs += afterMs;
        pace.sends(nowMs, reportOf('r'), false);
        pace.failed(nowMs, nowMs, end, 0);
      }
      expect(pace.dueMs(nowMs, ALARM) - nowMs).toBeLessThanOrEqual(RETRY_MAX_MS);
      expect(pace.dueMs(nowMs, FRESH) - nowMs).toBeLessThanOrEqual(250);
    }),
  );
});

test('many alarms share the hold-off, so that each has its turn in it', () => {
  const pace = paceOf();
  pace.sends(0, reportOf('r'), false);
  for (let count = 0; count < 8; count++) pace.failed(count, count, 'unreached', 0);
  expect(pace.dueMs(10, { ...ALARM, openAlarms: 10 })).toBe(RETRY_MAX_MS / 10);
  expect(pace.dueMs(10, { ...ALARM, openAlarms: 10_000 })).toBe(250);
});

test('attempts that end together are one failure', () => {
  const pace = paceOf();
  expect(pace.failed(100, 0, 'unanswered', 0)).toBe(true);
  expect(pace.failed(100, 50, 'unanswered', 0)).toBe(false);
  expect(pace.failed(200, 150, 'unanswered', 0)).toBe(true);
});

test('what an alarm holds that the far end can’t process is tried again soon, then more rarely, at least hourly', () => {
  const pace = paceOf();
  const waits = Array.from({ length: 20 }, (_, round) =>
    pace.retryMs(deliveryOf(1, { lastEnd: 'content', failures: 40, contentRefusals: round + 1 })),
  );
  expect(waits.slice(0, 3)).toEqual([500, 1000, 2000]);
  expect(Math.max(...waits)).toBe(3_600_000);
});

test('on a shared channel what was repeated as often as its licence lets it rests', () => {
  const airTime = { messageMs: 500, characterMs: 5, budgetMs: 9000, windowMs: 60_000, repeatsMax: 3, restMs: 45_000 };
  const pace = new PathPace(path('radio', { airTime }));
  const waitAfter = (transmissions: number, wasSent: boolean) =>
    pace.retryMs(deliveryOf(1, { transmissions, wasSent, failures: transmissions }));
  expect([1, 2, 3, 4].map((transmissions) => waitAfter(transmissions, true))).toEqual([500, 1000, 45_000, 4000]);
  // Its TNC was not open.
  expect(waitAfter(3, false)).toBe(2000);
});
