import { expect, test } from 'vitest';
import { ThreadWatch } from '../../../gateway/mqtt/thread-watch.ts';

const LIMITS = { checksMissed: 5, checksToStart: 30 };

/** Number of checks in a row after which a silent thread is reported as hanging. */
function hangsAt(watch: ThreadWatch): number {
  for (let check = 1; check < 1000; check++) if (watch.check()) return check;
  return Number.POSITIVE_INFINITY;
}

test('a thread that has a broker hangs after five checks without a word, one that still loads after thirty', () => {
  const watch = new ThreadWatch(LIMITS, () => false);
  watch.begin();
  expect(hangsAt(watch)).toBe(31);
  watch.begin();
  watch.heard(false);
  expect(hangsAt(watch)).toBe(31);
  watch.heard(true);
  expect(hangsAt(watch)).toBe(6);
  watch.begin();
  expect(hangsAt(watch)).toBe(31);
});

test('while our own thread uses up the processor the silence of the other is not judged, but not for ever', () => {
  let busyChecks = 10;
  const watch = new ThreadWatch(LIMITS, () => busyChecks-- > 0);
  watch.begin();
  watch.heard(true);
  expect(hangsAt(watch)).toBe(16);
  const always = new ThreadWatch(LIMITS, () => true);
  always.begin();
  always.heard(true);
  expect(hangsAt(always)).toBe(31);
});
