import { expect, test } from 'vitest';
import { RecordQueue } from '../../../gateway/journal/record-queue.ts';
import { range } from './memory-files.ts';

const plain = (number: number): { number: number; json: string } => ({ number, json: '{}' });

test('records come out in the order they were put in', () => {
  const queue = new RecordQueue(100);
  for (const number of range(1, 50)) expect(queue.push(plain(number))).toBe(0);
  expect(queue.take(20).map(({ number }) => number)).toEqual(range(1, 20));
  expect(queue.take(99).map(({ number }) => number)).toEqual(range(21, 50));
  expect(queue.length).toBe(0);
});

test('a full queue gives up its oldest records, and says how many', () => {
  const queue = new RecordQueue(100);
  const lost = range(1, 1_000).map((number) => queue.push(plain(number)));
  const total = lost.reduce((sum, each) => sum + each, 0);
  const kept = queue.take(1_000).map(({ number }) => number);
  expect(kept.length).toBeLessThanOrEqual(100);
  expect(kept.length + total).toBe(1_000);
  expect(kept).toEqual(range(1_001 - kept.length, 1_000));
});

test('a full queue keeps the last word on every key: open alerts outlive the record of attempts', () => {
  const queue = new RecordQueue(100);
  queue.push({ ...plain(1), holds: 'alert' });
  queue.push({ ...plain(2), holds: 'counters' });
  queue.push({ ...plain(3), releases: 'closed' });
  for (const number of range(4, 500))
    queue.push(number % 50 === 0 ? { ...plain(number), holds: 'counters' } : plain(number));
  const kept = queue.take(1_000);
  expect(kept.slice(0, 2).map(({ number }) => number)).toEqual([1, 3]);
  expect(kept.filter(({ holds }) => holds === 'counters').at(-1)?.number).toBe(500);
});

test('a queue full of nothing but held records still has a bound', () => {
  const queue = new RecordQueue(100);
  let lost = 0;
  for (const number of range(1, 1_000)) lost += queue.push({ ...plain(number), holds: `alert ${number}` });
  expect(queue.length).toBeLessThanOrEqual(100);
  expect(lost).toBe(1_000 - queue.length);
});
