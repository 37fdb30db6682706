import { expect, test } from 'vitest';
import { RehearsalPace } from '../../gateway/rehearsal/rehearsal-pace.ts';

test('a rehearsal leaves four fifths of the time to others, whatever the machine', () => {
  const pace = new RehearsalPace();
  for (const tookMs of [0.1, 1, 7, 40, 200]) expect(pace.pauseMs(tookMs, 0)).toBe(Math.max(1, Math.ceil(4 * tookMs)));
});

test('a machine that takes long over a press is given long to be quiet; a fast one is rehearsed on a busy site too', () => {
  const pace = new RehearsalPace();
  expect(pace.quietMs).toBe(50);
  pace.pauseMs(200, 0);
  expect(pace.quietMs).toBe(50);
  pace.pauseMs(6, 0);
  expect(pace.quietMs).toBe(12);
  pace.pauseMs(0.3, 0);
  expect(pace.quietMs).toBe(2);
});

test('when others want the processor it rests longer and longer, up to ten seconds, and comes back when they do not', () => {
  const pace = new RehearsalPace();
  const pauses = [50, 50, 50, 50, 50, 50, 50].map((lateMs) => pace.pauseMs(1, lateMs));
  expect(pauses).toEqual([204, 404, 804, 1604, 3204, 6404, 10_000]);
  const calm = Array.from({ length: 16 }, () => pace.pauseMs(1, 0));
  expect(calm[0]).toBe(5004);
  expect(calm.at(-1)).toBe(5);
});
