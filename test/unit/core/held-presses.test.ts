import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldPresses } from '../../../gateway/core/devices/held-presses.ts';
import { TestContext } from './test-context.ts';

const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ type: 'hold' as const }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('durable' as const), back: fc.nat(6) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 60 }) }) },
);

test('a held press is taken on once: when its record is durable, after 50 ms at the latest, or at the end', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const test = new TestContext();
      const held = new HeldPresses(test.context);
      test.onTimer = (timer) => {
        if (timer.type === 'heldPress') held.release(timer.record);
      };
      const heldMs: number[] = [];
      const takenMs = new Map<number, number>();
      for (const each of steps) {
        if (each.type === 'hold') {
          const record = heldMs.push(test.nowMs);
          held.hold(record, () => {
            expect(takenMs.has(record)).toBe(false);
            takenMs.set(record, test.nowMs);
          });
        } else if (each.type === 'durable') {
          const upTo = heldMs.length - each.back;
          held.durable(upTo);
          for (let record = 1; record <= upTo; record++) expect(takenMs.has(record)).toBe(true);
        } else test.run(each.ms);
        for (const [place, sinceMs] of heldMs.entries()) {
          const untilMs = takenMs.get(place + 1) ?? test.nowMs;
          expect(untilMs - sinceMs).toBeLessThanOrEqual(50);
        }
      }
      held.releaseAll();
      expect([...takenMs.keys()].sort((one, other) => one - other)).toEqual(heldMs.map((_, place) => place + 1));
      expect(test.context.timers.size).toBe(0);
    }),
  );
});

test('presses are taken on in the order they were made', () => {
  const test = new TestContext();
  const held = new HeldPresses(test.context);
  const taken: string[] = [];
  for (const [place, name] of ['a', 'b', 'c'].entries()) held.hold(place + 1, () => taken.push(name));
  held.durable(2);
  expect(taken).toEqual(['a', 'b']);
  held.releaseAll();
  expect(taken).toEqual(['a', 'b', 'c']);
});
