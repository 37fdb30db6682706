import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Now } from '../../../gateway/core/time.ts';
import { Timers } from '../../../gateway/core/timers.ts';
import { after, earlier, later, type MonoMs, type WallMs } from '../../../protocol/clocks.ts';

const NOW: Now = { monoMs: 1_000, wallMs: Date.UTC(2026, 0, 1) };

// `test/types/clocks.ts` holds what is refused in the product only.
test('the compiler refuses a time of one clock where a time of the other is wanted, in tests too', () => {
  const timers = new Timers();
  // @ts-expect-error: a deadline that jumps when somebody sets the clock
  timers.set({ type: 'beat' }, NOW.wallMs);
  // @ts-expect-error: the same, a moment later
  timers.set({ type: 'beat' }, after(NOW.wallMs, 5));
  // @ts-expect-error: a monotonic time says nothing to a person
  const wall: WallMs = NOW.monoMs;
  expect([timers.nextMs(), wall]).toEqual([after(NOW.wallMs, 5), NOW.monoMs]);
});

test('after, earlier and later are sum, minimum and maximum', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (one: MonoMs, other: MonoMs) => {
      expect(after(one, other)).toBe(one + other);
      expect(earlier(one, other)).toBe(Math.min(one, other));
      expect(later(one, other)).toBe(Math.max(one, other));
    }),
  );
});
