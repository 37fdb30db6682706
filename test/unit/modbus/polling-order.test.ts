import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PollingOrder } from '../../../gateway/inputs/modbus/polling-order.ts';
import { RecentPolls } from '../../../gateway/inputs/modbus/recent-polls.ts';

const makeModules = (missed: readonly number[]) => missed.map((count, at) => ({ at, missed: count, dueMs: 0 }));

describe('the order of polling', () => {
  test('asks all that answer in turn', () => {
    const order = new PollingOrder(makeModules([0, 0, 0]));
    expect([1, 2, 3, 4, 5, 6].map(() => order.next(0)?.at)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  test('asks one silent module at the end of a round, the one that has waited longest', () => {
    const modules = makeModules([0, 1, 0, 4]);
    const [, second, , fourth] = modules;
    const order = new PollingOrder(modules);
    if (second !== undefined) second.dueMs = 50;
    if (fourth !== undefined) fourth.dueMs = 20;
    expect([1, 2, 3].map(() => order.next(10)?.at)).toEqual([0, 2, 0]);
    expect([1, 2, 3].map(() => order.next(60)?.at)).toEqual([2, 3, 0]);
    if (fourth !== undefined) fourth.dueMs = 1_060;
    expect([1, 2, 3].map(() => order.next(60)?.at)).toEqual([2, 1, 0]);
  });

  test('has nobody to ask while all are silent and none is due, and says when', () => {
    const modules = makeModules([3, 3]).map((module) => ({ ...module, dueMs: 100 + module.at }));
    const order = new PollingOrder(modules);
    expect(order.next(99)).toBeUndefined();
    expect(order.wakeMs).toBe(100);
    expect(order.next(100)?.at).toBe(0);
  });

  test('a round asks each that answers once, and at most one that does not, whoever is silent', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 20 }), (missed) => {
        const modules = makeModules(missed);
        const well = modules.filter((module) => module.missed === 0);
        const order = new PollingOrder(modules);
        for (let round = 0; round < 3; round++) {
          for (const module of well) expect(order.next(0)).toBe(module);
          if (well.length < modules.length) expect(order.next(0)?.missed).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe('the last ten polls', () => {
  test('are frequent from five on, and rare again at two', () => {
    const polls = new RecentPolls();
    for (let count = 0; count < 4; count++) polls.note(true);
    expect(polls.isFrequent).toBe(false);
    polls.note(false);
    polls.amend();
    expect(polls.isFrequent).toBe(true);
    for (let count = 0; count < 7; count++) {
      expect(polls.isRare).toBe(false);
      polls.note(false);
    }
    expect(polls.isFrequent).toBe(true);
    polls.note(false);
    expect([polls.isFrequent, polls.isRare]).toEqual([false, true]);
  });
});
