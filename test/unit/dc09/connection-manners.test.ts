import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConnectionManners } from '../../../gateway/paths/dc09/connection-manners.ts';

const used = (answers: number, provenMs = 0) => ({ answers, provenMs });
const fresh = used(0);

describe('a receiver of which nothing is known', () => {
  test('may be sent several messages on several connections', () => {
    const manners = new ConnectionManners();
    expect([manners.oneFrame(0), manners.oneConnection(0), manners.mayOpenMore(0)]).toEqual([false, false, true]);
  });

  test('is doubted where it has not answered before: a second message, a second connection', () => {
    const manners = new ConnectionManners();
    expect(manners.doubt(used(1), false)).toBe('secondFrame');
    expect(manners.doubt(fresh, true)).toBe('secondConnection');
    expect(manners.doubt(fresh, false)).toBeUndefined();
    expect(manners.overdueMs).toBeUndefined();
  });

  test('is given twice the time of its last answer, and at least 250 ms', () => {
    const manners = new ConnectionManners();
    manners.answered(1, false, 3);
    expect(manners.overdueMs).toBe(250);
    manners.answered(2, false, 900);
    expect(manners.overdueMs).toBe(1800);
  });
});

describe('one that has answered', () => {
  test('twice on a connection, and beside another one, is only slow; until it does not answer', () => {
    const manners = new ConnectionManners();
    manners.answered(2, false, 3);
    expect(manners.isProven).toBe(false);
    manners.answered(1, true, 3);
    expect(manners.isProven).toBe(true);
    expect([manners.doubt(used(5), false), manners.doubt(fresh, true)]).toEqual([undefined, undefined]);
    manners.unanswered(used(5));
    expect(manners.isProven).toBe(false);
    manners.unanswered(fresh);
    expect([manners.doubt(used(5), false), manners.doubt(fresh, true)]).toEqual(['secondFrame', 'secondConnection']);
  });
});

describe('one that closes', () => {
  test.each([
    [
      'twice right after its only answer: closes after each',
      [
        [1, 100],
        [1, 200],
      ],
      true,
    ],
    ['once: an accident', [[1, 100]], false],
    [
      'after several answers: restarts',
      [
        [7, 100],
        [9, 100],
      ],
      false,
    ],
    [
      'a second after its answer: is tired of an idle connection',
      [
        [1, 1000],
        [1, 2500],
      ],
      false,
    ],
    [
      'without an answer: refuses us',
      [
        [0, 100],
        [0, 100],
      ],
      false,
    ],
  ] as const)('%s', (_what, closes, oneFrame) => {
    const manners = new ConnectionManners();
    let provenMs = 0;
    for (const [answers, atMs] of closes) {
      manners.closed(used(answers, provenMs), provenMs + atMs);
      provenMs += 10_000;
    }
    expect(manners.oneFrame(10_000)).toBe(oneFrame);
  });

  test('and then answers twice on a connection begins anew', () => {
    const manners = new ConnectionManners();
    manners.closed(used(1), 100);
    manners.answered(2, false, 3);
    manners.closed(used(1), 200);
    expect(manners.oneFrame(200)).toBe(false);
  });
});

test('a doubt that is confirmed holds for 30 s; a refused connection is asked for again after a second', () => {
  const manners = new ConnectionManners();
  manners.answered(1, false, 3);
  manners.answeredAgain('secondFrame', 249, 0);
  manners.answeredAgain('secondConnection', 249, 0);
  expect([manners.oneFrame(29_999), manners.oneConnection(29_999)]).toEqual([true, true]);
  expect([manners.oneFrame(30_000), manners.oneConnection(30_000)]).toEqual([false, false]);
  manners.refused(40_000);
  expect([manners.mayOpenMore(40_999), manners.mayOpenMore(41_000)]).toEqual([false, true]);
});

test('a receiver that answers the repeat no sooner is only slow', () => {
  const manners = new ConnectionManners();
  manners.answered(1, false, 3);
  manners.answeredAgain('secondFrame', 250, 0);
  manners.answeredAgain('secondConnection', 250, 0);
  expect([manners.oneFrame(0), manners.oneConnection(0)]).toEqual([false, false]);
});

test('nothing that a receiver does is held against it for more than 30 s', () => {
  const step = fc.record({
    what: fc.constantFrom('answered', 'overdue', 'answeredAgain', 'unanswered', 'closed', 'refused'),
    afterMs: fc.nat(60_000),
    answers: fc.nat(3),
    beside: fc.boolean(),
    doubt: fc.constantFrom('secondFrame' as const, 'secondConnection' as const),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const manners = new ConnectionManners();
      let nowMs = 0;
      for (const { what, afterMs, answers, beside, doubt } of steps) {
        nowMs += afterMs;
        if (what === 'answered') manners.answered(answers + 1, beside, afterMs);
        else if (what === 'overdue') manners.overdue(doubt, nowMs);
        else if (what === 'answeredAgain') manners.answeredAgain(doubt, afterMs, nowMs);
        else if (what === 'unanswered') manners.unanswered(used(answers, nowMs));
        else if (what === 'closed') manners.closed(used(answers, nowMs - afterMs), nowMs);
        else manners.refused(nowMs);
      }
      const laterMs = nowMs + 30_000;
      expect([manners.oneFrame(laterMs), manners.oneConnection(laterMs), manners.mayOpenMore(laterMs)]).toEqual([
        false,
        false,
        true,
      ]);
    }),
  );
});
