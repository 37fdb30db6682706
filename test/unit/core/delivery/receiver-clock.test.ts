import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Context } from '../../../../gateway/core/context.ts';
import { ReceiverClock } from '../../../../gateway/core/delivery/receiver-clock.ts';
import { Troubles } from '../../../../gateway/core/troubles/troubles.ts';
import { school } from '../../../simulation/school.ts';

const WALL_MS = Date.UTC(2026, 0, 1);

function clockAt(monoMs: number) {
  const context = new Context(school(), 1, { monoMs, wallMs: WALL_MS + monoMs });
  const told: string[] = [];
  const troubles = new Troubles(context, ({ text }) => void told.push(text));
  return { context, told, troubles, clock: new ReceiverClock('central', context, troubles) };
}

const sentAt = (startedMs: number, clockOffsetMs = 0) => ({
  startedMs,
  startedWallMs: WALL_MS + startedMs,
  clockOffsetMs,
});

test.each([
  ['the stamp’s second', 0, 'agrees'],
  ['two seconds before the stamp', -2000, 'agrees'],
  ['the moment of the answer', 5000, 'agrees'],
  ['ten seconds ahead, which is within the window of DC-09', 15_000, 'corrected'],
  ['ten seconds behind', -10_000, 'corrected'],
  ['an hour ahead', 3_600_000, 'corrected'],
] as const)('a NAK that tells %s: %s', (_, differsMs, meaning) => {
  // Sent at 1 s, answered 5 s later.
  const { clock } = clockAt(6000);
  const receiverTimeMs = WALL_MS + 1000 + differsMs;
  expect(clock.refused({ type: 'wrongTime', receiverTimeMs }, sentAt(1000))).toBe(meaning);
  expect(clock.offsetMs).toBe(meaning === 'agrees' ? 0 : differsMs - 5000);
});

test('a NAK without a time tells nothing', () => {
  const { clock } = clockAt(0);
  expect(clock.refused({ type: 'wrongTime' }, sentAt(0))).toBe('untold');
});

// A Raspberry Pi boots in 1970, and NTP sets its clock while the first messages are under way.
test('a NAK to a stamp of before the clock was set means the time, and the next stamp is right', () => {
  const { clock, context, told } = clockAt(6000);
  const receiverTimeMs = context.now.wallMs;
  const sent = { startedMs: 1000, startedWallMs: 1000, clockOffsetMs: 0 };
  expect(clock.refused({ type: 'wrongTime', receiverTimeMs }, sent)).toBe('corrected');
  expect(clock.offsetMs).toBe(0);
  expect(told).toEqual([]);
});

test('a receiver that refuses the corrected stamp as well does not mean the time, whatever its clock says', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e10, max: 1e10 }), fc.nat(20_000), (differsMs, tookMs) => {
      const { clock, context } = clockAt(0);
      const nak = () => ({ type: 'wrongTime', receiverTimeMs: context.now.wallMs + differsMs }) as const;
      clock.refused(nak(), sentAt(0));
      const sent = sentAt(0, clock.offsetMs);
      context.now = { monoMs: tookMs, wallMs: WALL_MS + tookMs };
      expect(clock.refused(nak(), sent)).toBe('agrees');
    }),
  );
});

test.each([
  [29_000, []],
  [61_000, ['Clock of the receiver of path central is 61 s ahead of ours: check both clocks']],
  [-600_000, ['Clock of the receiver of path central is 10 min behind ours: check both clocks']],
  [7_500_000, ['Clock of the receiver of path central is 2 h 5 min ahead of ours: check both clocks']],
] as const)('a correction of %i ms: %j', (differsMs, told) => {
  const rig = clockAt(0);
  rig.clock.refused({ type: 'wrongTime', receiverTimeMs: WALL_MS + differsMs }, sentAt(0));
  expect(rig.told).toEqual(told);
  // What is accepted with the correction does not show that the clocks agree.
  rig.clock.accepted(rig.clock.offsetMs);
  expect(rig.troubles.stands('clockDiffers', 'central')).toBe(told.length > 0);
  rig.clock.accepted(0);
  expect(rig.troubles.stands('clockDiffers', 'central')).toBe(false);
});
