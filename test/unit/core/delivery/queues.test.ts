import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AirTimeBudget } from '../../../../gateway/core/delivery/air-time.ts';
import type { Delivery } from '../../../../gateway/core/delivery/delivery.ts';
import { PriorityQueue } from '../../../../gateway/core/delivery/priority-queue.ts';
import { ReadyReports } from '../../../../gateway/core/delivery/ready-reports.ts';
import { deliveryOf } from './parts.ts';

test('a priority queue gives what was pushed in order, whatever is pushed in between', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (steps) => {
      const queue = new PriorityQueue<number>((a, b) => a < b);
      const model: number[] = [];
      for (const step of steps) {
        if (step === undefined) expect(queue.pop()).toBe(model.shift());
        else {
          queue.push(step);
          model.push(step);
          model.sort((a, b) => a - b);
        }
        expect(queue.peek()).toBe(model[0]);
        expect(queue.size).toBe(model.length);
      }
    }),
  );
});

/** Accepts everything, like a path that is always free. */
function drain(ready: ReadyReports, nowMs: number): Delivery[] {
  const taken: Delivery[] = [];
  for (let [next] = ready.next(nowMs, 'behindAlarms'); next !== undefined; [next] = ready.next(nowMs, 'behindAlarms')) {
    next.state = 'sending';
    next.attempts += 1;
    taken.push(next);
  }
  return taken;
}

describe('ready reports', () => {
  test('go by urgency, then the least tried, then the oldest; each once', () => {
    const classes = fc.constantFrom('alarm', 'cancel', 'trouble', 'test');
    fc.assert(
      fc.property(fc.array(fc.tuple(classes, fc.nat(3), fc.boolean())), (made) => {
        const ready = new ReadyReports();
        const all = made.map(([of, turn, isTried], order) =>
          deliveryOf(order, { turn, attempts: isTried ? 1 : 0 }, of),
        );
        for (const each of all) ready.push(each, 0);
        const taken = drain(ready, 0);
        expect(new Set(taken)).toEqual(new Set(all));
        const key = ({ report, turn, order }: Delivery) =>
          ['alarm', 'cancel', 'trouble', 'test'].indexOf(report.class) * 1e6 + turn * 1e4 + order;
        expect(taken.map(key)).toEqual(all.map(key).sort((a, b) => a - b));
      }),
    );
  });

  test('a fresh alarm goes before older ones once it has waited for a quarter of a second', () => {
    const ready = new ReadyReports();
    const old = [1, 2].map((order) => deliveryOf(order, { attempts: 3 }));
    const fresh = deliveryOf(3);
    for (const each of [...old, fresh]) ready.push(each, 1000);
    expect(ready.next(1249, 'behindAlarms')).toEqual([old[0], fresh]);
    expect(ready.next(1250, 'behindAlarms')).toEqual([fresh, old[0]]);
  });

  test('what was withdrawn does not go, and what was queued again goes once', () => {
    const ready = new ReadyReports();
    const [first, second] = [deliveryOf(1), deliveryOf(2)];
    for (const each of [first, second, second]) ready.push(each, 0);
    first.state = 'withdrawn';
    expect(drain(ready, 0)).toEqual([second]);
  });

  test('once the path has recovered the oldest goes first, however often it was tried', () => {
    const ready = new ReadyReports();
    const all = [5, 0, 2].map((turn, order) => deliveryOf(order, { turn, attempts: 1 }));
    for (const each of all) ready.push(each, 0);
    ready.restartTurns();
    expect(drain(ready, 0)).toEqual(all);
  });
});

test('no window of a shared channel holds more than its budget, but for a first alarm', () => {
  const airTime = { messageMs: 300, characterMs: 10, budgetMs: 5000, windowMs: 30_000, repeatsMax: 3, restMs: 0 };
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(8000), fc.nat(120)), { maxLength: 60 }), (messages) => {
      const budget = new AirTimeBudget(airTime);
      const sent: { atMs: number; costMs: number }[] = [];
      let nowMs = 0;
      for (const [afterMs, characters] of messages) {
        nowMs += afterMs;
        const costMs = budget.costMs(characters);
        nowMs = Math.max(nowMs, budget.allowedMs(nowMs, costMs, false));
        budget.spend(nowMs, costMs);
        sent.push({ atMs: nowMs, costMs });
        const within = sent.filter(({ atMs }) => nowMs - atMs < airTime.windowMs);
        expect(within.reduce((sum, each) => sum + each.costMs, 0)).toBeLessThanOrEqual(airTime.budgetMs);
      }
    }),
  );
});
