import { expect, test } from 'vitest';
import { SequenceNumbers, skippedNumber } from '../../../gateway/core/delivery/sequence-numbers.ts';

const LAST = 9999;

test('numbers run from 1 to 9999 and begin again; 0 is the poll’s', () => {
  const numbers = new SequenceNumbers(['central']);
  const used = Array.from({ length: 2 * LAST }, () => numbers.next('central'));
  expect(Math.min(...used)).toBe(1);
  expect(Math.max(...used)).toBe(LAST);
  expect(used.slice(LAST)).toEqual(used.slice(0, LAST));
});

test('a number that an open report has is not given again, however often the numbers go round', () => {
  const numbers = new SequenceNumbers(['central', 'backup']);
  const open = numbers.reserve();
  const { central } = open;
  numbers.take(open);
  const used = Array.from({ length: 3 * LAST }, () => numbers.next('central'));
  expect(used).not.toContain(central);
  numbers.release(open);
  expect(Array.from({ length: LAST }, () => numbers.next('central'))).toContain(central);
});

test('with every number in use there is still a number', () => {
  const numbers = new SequenceNumbers(['central']);
  for (let count = 0; count < LAST; count++) numbers.take(numbers.reserve());
  expect(numbers.next('central')).toBeGreaterThan(0);
});

test('starts in a row that leave nothing durable do not begin with the same numbers', () => {
  const first = (session: number) => {
    const numbers = new SequenceNumbers(['central']);
    numbers.recover('central', 9990, session);
    return numbers.next('central');
  };
  expect(new Set([100, 101, 102, 103].map(first)).size).toBe(4);
  expect(first(100)).toBeGreaterThan(0);
  expect(first(100)).toBeLessThanOrEqual(LAST);
});

test('starts that know nothing of an earlier one hardly ever give the same numbers', () => {
  const storm = (startedMs: number) => {
    const numbers = new SequenceNumbers(['central']);
    numbers.recover('central', undefined, startedMs);
    return Array.from({ length: 200 }, () => numbers.next('central'));
  };
  let meetings = 0;
  // One start after the other, and one after each power cut.
  for (let laterMs = 1; laterMs <= 1_000; laterMs++) {
    const first = new Set(storm(31_000));
    if (storm(31_000 + laterMs).some((number) => first.has(number))) meetings += 1;
  }
  // Of 9999 numbers two storms of 200 meet in 4 of 100 cases.
  expect(meetings).toBeLessThan(60);
});

test.each([1, 300, 4_000, 8_000, 9_300, 9_600, 9_743, 9_999])(
  'numbers given before the journal was read, which ends with %i, do not come back soon, nor do those in it',
  (last) => {
    for (let startedMs = 0; startedMs < 20_000; startedMs += 97) {
      const numbers = new SequenceNumbers(['central']);
      numbers.recover('central', undefined, startedMs);
      const given = Array.from({ length: 100 }, () => numbers.next('central'));
      numbers.recover('central', last, startedMs + 7_000);
      const before = new Set([...given, ...Array.from({ length: 100 }, (_, back) => last - back)]);
      const after = Array.from({ length: 1_000 }, () => numbers.next('central'));
      expect(after.filter((number) => before.has(number))).toEqual([]);
    }
  },
);

test('after the restore of a backup the numbers that may have been used since come last', () => {
  for (const last of [1, 4999, 5000, 9998, LAST]) {
    const numbers = new SequenceNumbers(['central']);
    numbers.recover('central', skippedNumber(last), 1);
    const used = new Set(Array.from({ length: 4000 }, () => numbers.next('central')));
    for (let since = 1; since <= 4000; since++) expect(used).not.toContain(((last + since - 1) % LAST) + 1);
  }
});
