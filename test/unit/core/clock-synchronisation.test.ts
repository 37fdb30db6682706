import { expect, test } from 'vitest';
import { ClockSynchronisation } from '../../../gateway/core/troubles/clock-synchronisation.ts';
import { TestContext } from './test-context.ts';

const HOUR_MS = 3_600_000;

test('without a setting, a clock may be unsynchronised for a day', () => {
  const rig = new TestContext();
  const { context, troubles } = rig;
  const clock = new ClockSynchronisation(context, troubles);
  clock.read(false);
  expect(context.timers.dueMs({ type: 'clockUnsynchronised' })).toBe(context.now.monoMs + 24 * HOUR_MS);
  clock.due();
  expect(rig.texts).toEqual(['Clock not synchronised']);
  clock.read(true);
  expect(rig.texts).toEqual(['Clock not synchronised', 'Restored: Clock not synchronised']);
});

test('what stands from an earlier run, read late, ends if the clock is known to follow a time server', () => {
  const rig = new TestContext();
  const { context, troubles } = rig;
  const clock = new ClockSynchronisation(context, troubles);
  troubles.raise('clockUnsynchronised', 'clock', { text: 'Clock not synchronised' });
  clock.restoreTroubles();
  expect(rig.texts).toHaveLength(1);
  clock.read(true);
  expect(rig.texts.at(-1)).toBe('Restored: Clock not synchronised');
});
