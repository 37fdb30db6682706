import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QuietTimes } from '../../../gateway/core/devices/quiet-times.ts';

const WITHIN_MS = 3_000;

test('the same value within the time of its last hearing is a repeat, whatever was said between', () => {
  const said = fc.record({
    value: fc.constantFrom('single', 'double', 'hold'),
    afterMs: fc.integer({ min: 0, max: 6_000 }),
  });
  fc.assert(
    fc.property(fc.array(said, { maxLength: 60, size: 'max' }), (history) => {
      const quiet = new QuietTimes();
      const last = new Map<string, number>();
      let nowMs = 0;
      for (const { value, afterMs } of history) {
        nowMs += afterMs;
        const isRepeat = nowMs - (last.get(value) ?? Number.NEGATIVE_INFINITY) < WITHIN_MS;
        last.set(value, nowMs);
        expect(quiet.hear(value, WITHIN_MS, nowMs) !== 'new').toBe(isRepeat);
      }
    }),
  );
});

test('a device that says the same every two seconds is one press, and after a minute it is told once', () => {
  const quiet = new QuietTimes();
  const told = Array.from({ length: 300 }, (_, index) => quiet.hear('single', WITHIN_MS, index * 2_000));
  expect(told.indexOf('endless')).toBe(30);
  expect(told.filter((each) => each !== 'repeat')).toEqual(['new', 'endless']);
});

test('without a quiet time each is new', () => {
  const quiet = new QuietTimes();
  expect([quiet.hear('single', 0, 5), quiet.hear('single', 0, 5)]).toEqual(['new', 'new']);
});

test('of a sender that says ever new values, the last eight are remembered', () => {
  const quiet = new QuietTimes();
  for (let value = 0; value < 1_000; value++) quiet.hear(String(value), WITHIN_MS, 0);
  expect(['999', '992', '991'].map((value) => quiet.hear(value, WITHIN_MS, 1))).toEqual(['repeat', 'repeat', 'new']);
});
