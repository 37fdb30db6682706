import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Alert } from '../../../gateway/core/alerts/alert.ts';
import { SettledAlerts } from '../../../gateway/core/alerts/settled-alerts.ts';
import { Context } from '../../../gateway/core/context.ts';
import { quietSite } from './parts-rig.ts';

const DAY_MS = 86_400_000;

let stubs = 0;

/** An alert with only the fields that a settled one needs. */
function alertStub(isFinished = true): Alert {
  let compacted = 0;
  stubs += 1;
  const alert = { id: `a${stubs}`, compact: () => ++compacted > 0 && isFinished, times: () => compacted };
  return alert as unknown as Alert;
}

const step = fc.oneof(
  fc.record({ do: fc.constantFrom('settle' as const, 'again' as const, 'close' as const), alert: fc.nat(5) }),
  fc.record({ do: fc.constant('pass' as const), alert: fc.integer({ min: 1, max: 5_000 }) }),
);

test('each settled alert is resolved a day after it was last settled, in that order, by one timer', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const context = new Context(quietSite(), 1, { monoMs: 0, wallMs: 0 });
      const settled = new SettledAlerts(context, () => undefined);
      const alerts = Array.from({ length: 6 }, () => alertStub());
      const expected = new Map<Alert, number>();
      for (const { do: what, alert: number } of steps) {
        const { monoMs } = context.now;
        const alert = alerts[number] as Alert;
        if (what === 'pass') context.now = { monoMs: monoMs + number, wallMs: -number };
        else if (what === 'close') {
          settled.delete(alert);
          expected.delete(alert);
        } else {
          settled.add(alert);
          expected.delete(alert);
          expected.set(alert, monoMs + DAY_MS);
        }
        expect(context.timers.size).toBe(expected.size > 0 ? 1 : 0);
        expect(context.timers.nextMs()).toBe(expected.values().next().value);
      }
      for (const [alert, dueMs] of expected) {
        context.now = { monoMs: dueMs - 1, wallMs: 0 };
        expect(settled.due()).toBeUndefined();
        context.now = { monoMs: dueMs, wallMs: 0 };
        expect(settled.due()).toBe(alert.id);
        settled.delete(alert);
      }
      expect(context.timers.size).toBe(0);
    }),
  );
});

test('an alert is made compact once, and one that is still under way is asked again later', () => {
  const settled = new SettledAlerts(new Context(quietSite(), 1, { monoMs: 0, wallMs: 0 }), () => undefined);
  const [finished, underWay] = [alertStub(), alertStub(false)];
  settled.add(finished);
  settled.add(underWay);
  for (let turn = 1; turn <= 3; turn += 1) settled.compact(1);
  const times = (alert: Alert) => (alert as unknown as { times(): number }).times();
  expect([times(finished), times(underWay)]).toEqual([1, 3]);
  settled.delete(underWay);
  settled.compact(1);
  expect(times(underWay)).toBe(3);
});

test('a storm of settled alerts is not made compact in one go', () => {
  const settled = new SettledAlerts(new Context(quietSite(), 1, { monoMs: 0, wallMs: 0 }), () => undefined);
  const alerts = Array.from({ length: 100 }, () => alertStub());
  for (const alert of alerts) settled.add(alert);
  settled.compact(2);
  const times = alerts.map((alert) => (alert as unknown as { times(): number }).times());
  expect(times.filter((each) => each > 0)).toHaveLength(8);
});
