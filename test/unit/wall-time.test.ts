import fc from 'fast-check';
import { expect, test } from 'vitest';
import { civilTime, isoTime, wallMsOf } from '../../protocol/wall-time.ts';

const someTime = fc.integer({ min: Date.UTC(1000, 0, 1), max: Date.UTC(9999, 11, 31) });

test('a wall time is written as the platform writes it', () => {
  fc.assert(
    fc.property(someTime, (ms) => {
      expect(isoTime(ms)).toBe(new Date(ms).toISOString());
    }),
  );
});

test('a wall time is written by its own second, whatever second was written before', () => {
  fc.assert(
    fc.property(someTime, fc.array(fc.integer({ min: -2_000, max: 2_000 }), { maxLength: 20 }), (ms, steps) => {
      for (const step of steps) expect(isoTime(ms + step)).toBe(new Date(ms + step).toISOString());
    }),
  );
});

test('a civil time gives back the milliseconds it came from', () => {
  fc.assert(
    fc.property(someTime, (ms) => {
      expect(wallMsOf(civilTime(ms))).toBe(ms);
    }),
  );
});
