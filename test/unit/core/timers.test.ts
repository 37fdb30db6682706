import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Timer, Timers } from '../../../gateway/core/timers.ts';

type Step =
  | { readonly type: 'set'; readonly key: string; readonly dueMs: number; readonly ofAlert: boolean }
  | { readonly type: 'clear'; readonly key: string }
  | { readonly type: 'take'; readonly monoMs: number };

/** Few keys and few instants, so that deadlines are replaced and are equal all the time. */
const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i');
const instant = fc.integer({ min: 0, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('set' as const), key, dueMs: instant, ofAlert: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('clear' as const), key }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('take' as const), monoMs: instant }) },
);

test('whatever is set, replaced and cleared, what alerts wait for is taken first, then the earliest, and of equal ones the one set first', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const timers = new Timers();
      const model = new NaiveTimers();
      for (const [order, each] of steps.entries()) {
        if (each.type === 'clear') {
          timers.clear(each.key);
          model.clear(each.key);
        } else if (each.type === 'take') {
          expect(timers.takeDue(each.monoMs)).toBe(model.takeDue(each.monoMs));
        } else {
          const name = `${each.key}.${order}`;
          const timer: Timer = each.ofAlert
            ? { type: 'notConfirmed', alert: name }
            : { type: 'deviceDue', device: name };
          timers.set(each.key, each.dueMs, timer);
          model.set(each.key, each.dueMs, timer);
        }
        expect(timers.nextMs()).toBe(model.nextMs());
        expect(timers.size).toBe(model.size);
        for (const known of ['a', 'e', 'i']) {
          expect(timers.has(known)).toBe(model.has(known));
          expect(timers.dueMs(known)).toBe(model.dueMs(known));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('a deadline that is put off at every message is kept once, however many messages there are', () => {
  const timers = new Timers();
  for (let message = 0; message < 100_000; message++) {
    const device = `device-${message % 50}`;
    timers.set(device, message + 3_600_000, { type: 'deviceDue', device });
  }
  expect(timers.size).toBe(50);
});

/** All deadlines in a list, in the order they were set. */
class NaiveTimers {
  #all: { readonly key: string; readonly dueMs: number; readonly timer: Timer }[] = [];

  get size(): number {
    return this.#all.length;
  }

  set(key: string, dueMs: number, timer: Timer): void {
    this.clear(key);
    this.#all.push({ key, dueMs, timer });
  }

  clear(key: string): void {
    this.#all = this.#all.filter((each) => each.key !== key);
  }

  has(key: string): boolean {
    return this.#all.some((each) => each.key === key);
  }

  dueMs(key: string): number | undefined {
    return this.#all.find((each) => each.key === key)?.dueMs;
  }

  nextMs(): number | undefined {
    return this.#all.length === 0 ? undefined : Math.min(...this.#all.map(({ dueMs }) => dueMs));
  }

  takeDue(monoMs: number): Timer | undefined {
    const due = this.#all.filter(({ dueMs }) => dueMs <= monoMs);
    const ofAlerts = due.filter(({ timer }) => timer.type === 'notConfirmed');
    const among = ofAlerts.length > 0 ? ofAlerts : due;
    const first = among.toSorted((one, other) => one.dueMs - other.dueMs)[0];
    if (first !== undefined) this.clear(first.key);
    return first?.timer;
  }
}
