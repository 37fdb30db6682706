import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Reconnect } from '../../../gateway/paths/reconnect.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Waits until a connection is opened, ms. */
function waited(reconnect: Reconnect, opened: () => number): number {
  const before = opened();
  reconnect.later();
  const beganMs = Date.now();
  while (opened() === before) vi.advanceTimersByTime(1);
  return Date.now() - beganMs;
}

function started(): { readonly reconnect: Reconnect; readonly opened: () => number } {
  let count = 0;
  const reconnect = new Reconnect(() => {
    count += 1;
  });
  return { reconnect, opened: () => count };
}

test.each([
  [0, 0.75],
  [1, 1],
])('waits double up to 30 s, each shortened by up to a quarter (%f)', (random, share) => {
  vi.spyOn(Math, 'random').mockReturnValue(random);
  const { reconnect, opened } = started();
  const waits = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000].map((ms) => Math.round(ms * share));
  expect(waits.map(() => waited(reconnect, opened))).toEqual(waits);
});

test('an answer makes the next wait a short one; a wait under way still ends with a connection', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const { reconnect, opened } = started();
  for (let times = 0; times < 5; times++) waited(reconnect, opened);
  reconnect.later();
  reconnect.answered();
  vi.advanceTimersByTime(60_000);
  expect(opened()).toBe(6);
  expect(waited(reconnect, opened)).toBe(750);
});

test('opens once, however often it is asked meanwhile, and never once it is cancelled', () => {
  const { reconnect, opened } = started();
  for (let times = 0; times < 9; times++) reconnect.later();
  vi.advanceTimersByTime(60_000);
  expect(opened()).toBe(1);
  reconnect.later();
  reconnect.cancel();
  vi.advanceTimersByTime(60_000);
  expect(opened()).toBe(1);
});
