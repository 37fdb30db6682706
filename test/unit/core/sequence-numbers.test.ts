import { expect, test } from 'vitest';
import { SequenceNumbers } from '../../../gateway/core/delivery/sequence-numbers.ts';

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
    numbers.restore('central', 9990, session);
    return numbers.next('central');
  };
  expect(new Set([100, 101, 102, 103].map(first)).size).toBe(4);
  expect(first(100)).toBeGreaterThan(0);
  expect(first(100)).toBeLessThanOrEqual(LAST);
});
