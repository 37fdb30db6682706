import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LineWriter } from '../../../gateway/paths/line-writer.ts';
import { asciiToBytes, bytesToAscii } from '../../../protocol/bytes.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a port with room for one byte at a time gets everything in order', () => {
  let taken = '';
  const writer = new LineWriter((bytes) => {
    taken += bytesToAscii(bytes.subarray(0, 1));
    return 1;
  }, 100);
  writer.write(asciiToBytes('abc'));
  writer.write(asciiToBytes('def'));
  vi.runAllTimers();
  expect(taken).toBe('abcdef');
});

test('what a port that takes nothing is asked to take is bounded, and whole', () => {
  let room = 0;
  let taken = '';
  const writer = new LineWriter((bytes) => {
    taken += bytesToAscii(bytes.subarray(0, room));
    return Math.min(room, bytes.length);
  }, 10);
  for (let i = 0; i < 1_000; i++) writer.write(asciiToBytes('abcd'));
  expect(writer.isFull).toBe(true);
  room = 1_000;
  vi.runAllTimers();
  expect(taken).toBe('abcdabcdabcd');
  expect(writer.isFull).toBe(false);
});

test('what was cleared within a write is not sent when the port is back', () => {
  let isLost = true;
  const taken: string[] = [];
  const writer = new LineWriter((bytes) => {
    if (isLost) {
      writer.clear();
      return 0;
    }
    taken.push(bytesToAscii(bytes));
    return bytes.length;
  }, 100);
  writer.write(asciiToBytes('old'));
  isLost = false;
  vi.runAllTimers();
  writer.write(asciiToBytes('new'));
  expect(taken).toEqual(['new']);
});
