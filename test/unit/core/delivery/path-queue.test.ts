import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../../gateway/core/report.ts';
import { deliveryOf } from './parts.ts';
import { ACKNOWLEDGED, CUT_OFF, NO_CONTENT, QueueRig, REFUSED } from './queue-rig.ts';

const alarm = (order: number) => deliveryOf(order);
const ids = (...orders: readonly number[]) => orders.map((order) => `r-${order}`);

describe('slots', () => {
  test('as many attempts are under way as the path has connections, most urgent first', () => {
    const rig = new QueueRig({ parallel: 2 });
    rig.submit(deliveryOf(1, {}, 'trouble'), deliveryOf(2, {}, 'test'), deliveryOf(3, {}, 'restore'), alarm(4));
    // The alarm does not wait for an answer to the others: one of them gives way.
    expect(rig.order).toEqual(ids(1, 2));
    rig.run(250);
    expect(rig.order).toEqual(ids(1, 2, 4));
    expect(rig.abandoned).toHaveLength(1);
    rig.answer(ACKNOWLEDGED);
    expect(rig.order.slice(3)).toEqual(ids(3));
  });

  test('a path whose attempts can’t be broken off keeps a new alarm waiting for the answer', () => {
    const rig = new QueueRig({ parallel: 1, yields: false });
    rig.submit(deliveryOf(1, {}, 'trouble'), alarm(2));
    rig.run(3_900);
    expect(rig.order).toEqual(ids(1));
    rig.run(200);
    expect(rig.order).toEqual(ids(1, 2));
  });

  test('a new alarm never breaks off another alarm’s first attempt', () => {
    const rig = new QueueRig({ parallel: 1 });
    rig.submit(alarm(1), alarm(2));
    rig.run(3_900);
    expect(rig.abandoned).toEqual([]);
    rig.run(200);
    expect(rig.order.slice(0, 2)).toEqual(ids(1, 2));
  });

  test('while reports fail one attempt is under way, and first attempts of alarms', () => {
    const rig = new QueueRig({ parallel: 4 });
    rig.submit(...[1, 2, 3].map((order) => deliveryOf(order, {}, 'trouble')));
    rig.run(1);
    rig.answer(REFUSED);
    rig.run(600);
    expect(rig.order).toHaveLength(4);
    rig.submit(alarm(4));
    expect(rig.order.slice(4)).toEqual(['r-4']);
    rig.submit(alarm(5));
    rig.run(250);
    expect(rig.order.slice(4)).toEqual(ids(4, 5));
  });
});

test.each<[string, Outcome, readonly number[]]>([
  ['what is accepted goes once', ACKNOWLEDGED, [0]],
  ['what is refused waits twice as long each time', REFUSED, [0, 0]],
  ['content that is refused is tried in the next format at once', NO_CONTENT, [0, 1, 0, 1]],
])('%s', (_, outcome, formats) => {
  const rig = new QueueRig();
  rig.submit(alarm(1));
  for (let ms = 0; ms < 600; ms += 50) {
    rig.answer(outcome);
    rig.run(50);
  }
  expect(rig.attempts.map(({ format }) => format)).toEqual(formats);
});

test('what was acknowledged elsewhere goes no more, and an answer on the way still counts', () => {
  const rig = new QueueRig({ parallel: 1 });
  const [first, second] = [alarm(1), alarm(2)];
  rig.submit(first, second);
  rig.queue.withdraw('r-1');
  rig.queue.withdraw('r-2');
  expect([first.state, second.state]).toEqual(['sending', 'withdrawn']);
  rig.answer(ACKNOWLEDGED);
  rig.run(60_000);
  expect(rig.order).toEqual(ids(1));
  expect(rig.settled).toEqual(['r-1 acknowledged']);
  expect(rig.queue.depth).toBe(0);
});

test('a receiver that refused an alarm, and is being tried again, is no receiver that never had it', () => {
  const rig = new QueueRig({ formats: 1 });
  const delivery = alarm(1);
  rig.submit(delivery);
  rig.answer(NO_CONTENT);
  rig.run(600);
  rig.queue.withdraw('r-1');
  expect(delivery.state).toBe('sending');
  rig.answer(NO_CONTENT);
  expect(delivery.state).toBe('refused');
});

test('late news of an attempt that was abandoned means nothing', () => {
  const rig = new QueueRig({ attemptTimeoutMs: 1_000 });
  rig.submit(alarm(1));
  rig.run(1_000);
  const [attempt] = rig.abandoned;
  rig.queue.outcome(attempt ?? 0, ACKNOWLEDGED);
  rig.queue.sent(attempt ?? 0, rig.nowMs);
  expect(rig.settled).toEqual([]);
  expect(rig.sent).toEqual([]);
});

test('an alarm that was tried for ten minutes has its turn beside new ones', () => {
  const rig = new QueueRig({ parallel: 1, retryMsMax: 1_000 });
  rig.submit(alarm(0));
  for (let s = 0; s < 600; s++) {
    rig.answer(REFUSED);
    rig.run(1_000);
  }
  expect(rig.order.length).toBeGreaterThan(500);
  rig.submit(...Array.from({ length: 20 }, (_, order) => alarm(order + 1)));
  const before = rig.order.length;
  for (let count = 0; count < 200; count++) {
    rig.answer(REFUSED);
    rig.run(100);
  }
  const tries = rig.order.slice(before).filter((id) => id === 'r-0').length;
  expect(tries).toBeGreaterThanOrEqual(2);
});

const KINDS = ['refused', 'cutOff', 'content', 'silent', 'limited'] as const;
const OUTCOMES: Readonly<Record<(typeof KINDS)[number], Outcome | undefined>> = {
  refused: REFUSED,
  cutOff: CUT_OFF,
  content: NO_CONTENT,
  silent: undefined,
  limited: { type: 'failed', reason: 'refused', detail: '', retryAfterMs: 86_400_000 },
};

test('whatever the far end does, no alarm is forgotten, and none waits longer than is said', () => {
  const alarms = fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 6 });
  const paths = fc.record({ parallel: fc.integer({ min: 1, max: 4 }), yields: fc.boolean() });
  fc.assert(
    fc.property(alarms, paths, (kinds, changes) => {
      const rig = new QueueRig({ ...changes, formats: 1, retryMsMax: 5_000, attemptTimeoutMsMax: 4_000 });
      const lastMs = kinds.map(() => 0);
      rig.submit(...kinds.map((_, order) => alarm(order)), deliveryOf(99, {}, 'cancel'));
      let seen = 0;
      for (let turn = 0; turn < 1_200; turn++) {
        const made = rig.attempts.slice(seen);
        seen += made.length;
        for (const { report, attempt } of made) {
          const order = Number(report?.id.slice(2));
          if (order < kinds.length) lastMs[order] = rig.nowMs;
          const outcome = OUTCOMES[kinds[order] ?? 'refused'];
          if (outcome !== undefined) rig.queue.outcome(attempt, outcome);
        }
        for (const [order, kind] of kinds.entries()) {
          const restMs = kinds.includes('limited') ? 301_000 * kinds.length : 0;
          const ownMs = kind === 'content' ? 3_600_000 : 5_000;
          // An attempt that nobody answers takes 4 s of each other alarm's time.
          const mostMs = ownMs + restMs + 6_000 * (kinds.length + 1) + 2_000;
          expect(rig.nowMs - (lastMs[order] ?? 0), `${kind} ${order} of ${kinds}`).toBeLessThanOrEqual(mostMs);
        }
        rig.run(turn < 200 ? 50 : 2_000);
      }
    }),
    { numRuns: 10 },
  );
});
