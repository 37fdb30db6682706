import { expect, test } from 'vitest';
import { seededRandom } from '../../device-sim/random.ts';
import { judge } from '../endurance/verdict.ts';

const EVERY_S = 10;
const MEMORY = { name: 'resident', unit: 'MB', of: ({ mb }: { mb: number }) => mb, perHour: 2, most: 256 };

/** Samples of this number of minutes, with a noise of ±3 MB. */
function samples(minutes: number, mbAt: (hours: number) => number) {
  const random = seededRandom(7);
  return Array.from({ length: (minutes * 60) / EVERY_S }, (_, index) => {
    const atS = index * EVERY_S;
    return { atS, mb: mbAt(atS / 3600) + (random() - 0.5) * 6 };
  });
}

test.each([6, 10, 40])('a leak of %d MB an hour is found within the hour', (leak) => {
  const judged = judge(
    MEMORY,
    samples(50, (hours) => 130 + leak * hours),
  );
  expect(judged.verdict).toBe('rises');
  expect(judged.perHour).toBeGreaterThan(leak / 2);
});

test('memory that scatters around one value is flat', () => {
  expect(
    judge(
      MEMORY,
      samples(50, () => 130),
    ).verdict,
  ).toBe('flat');
});

test('memory that fills up to where it stays is flat', () => {
  expect(
    judge(
      MEMORY,
      samples(50, (hours) => 130 + Math.min(20, 100 * hours)),
    ).verdict,
  ).toBe('flat');
});

test.each([3, 8, 13])('a heap that is collected every 17 minutes is flat, %d minutes after it was', (minutes) => {
  const sawtooth = (hours: number) => 130 + 60 * (((hours * 60 + minutes) % 17) / 17);
  expect(judge(MEMORY, samples(50, sawtooth)).verdict).toBe('flat');
});

test('one high sample is no rise, and is beyond the bound when it is', () => {
  const spike = (mb: number) =>
    samples(50, () => 130).map((sample, index) => (index === 280 ? { ...sample, mb } : sample));
  expect(judge(MEMORY, spike(200)).verdict).toBe('flat');
  expect(judge(MEMORY, spike(300)).verdict).toBe('beyond');
});

test('what does not add up may rise a little, and no more, however short the time', () => {
  const delay = { name: 'loop delay', unit: 'ms', of: ({ mb }: { mb: number }) => mb, rise: 20 };
  expect(
    judge(
      delay,
      samples(12, (hours) => 10 + 40 * hours),
    ).verdict,
  ).toBe('flat');
  expect(
    judge(
      delay,
      samples(12, (hours) => 10 + 400 * hours),
    ).verdict,
  ).toBe('rises');
});

test('of a few minutes no rise is judged, and the bound is', () => {
  expect(
    judge(
      MEMORY,
      samples(5, (hours) => 130 + 40 * hours),
    ).verdict,
  ).toBe('notJudged');
  expect(
    judge(
      MEMORY,
      samples(5, () => 300),
    ).verdict,
  ).toBe('beyond');
});
