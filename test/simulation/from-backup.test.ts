import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../gateway/core/journal-record.ts';
import { recoveredState } from '../../gateway/core/restart/journal-replay.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const MINUTE = 60_000;
const PRESS = { type: 'press', button: 0, pattern: 'single' } as const;
const HEARTBEAT = {
  type: 'heartbeat',
  uptimeSeconds: 1,
  lowBattery: false,
  tamper: false,
  silentMode: false,
  points: [],
} as const;
const SCHOOL = site([device(101, { keyFingerprint: 'aa' })], [path('central')]);
const TAG = site([device(101, { keyFingerprint: 'aa', counterOnly: true })], [path('central')]);

/** A gateway on the restored copy of a journal whose truth went on after the backup. */
function restored(before: SensorWorld, of = SCHOOL): SensorWorld {
  const { records, entries } = before.journal;
  const at = before.clock.now.wallMs;
  const { session } = recoveredState(records);
  const record: JournalEntry = { record: { t: 'fromBackup', at, madeAt: at, session: session + 1_000_000 } };
  return new SensorWorld(of, 7, [...entries, record]);
}

function press(world: SensorWorld, epoch: number, counter: number): void {
  world.say('wb-101', PRESS, { identity: { epoch, counter }, authenticated: true });
  world.run(1000);
}

/** Without the alerts of before the backup, which are open still. */
function raised(world: SensorWorld, before: SensorWorld): string[] {
  const known = before.raised.map(({ id }) => id);
  return world.raised.flatMap(({ id, authenticated }) => (known.includes(id) ? [] : [`${id} ${authenticated}`]));
}

describe('after the restore of an old backup', () => {
  test('a press is an alarm at once, and the first message of a device proves nothing, in whatever epoch', () => {
    for (const [epoch, counter] of [
      [1, 50],
      [4, 2],
    ] as const) {
      const before = new SensorWorld(SCHOOL);
      press(before, 1, 3);
      before.run(2 * MINUTE);
      const world = restored(before);
      press(world, epoch, counter);
      press(world, epoch, counter + 1);
      expect(raised(world, before)).toEqual([
        `wb-101.${epoch}.${counter} false`,
        `wb-101.${epoch}.${counter + 1} true`,
      ]);
    }
  });

  test('what was heard before the backup is a repeat, as ever', () => {
    const before = new SensorWorld(SCHOOL);
    press(before, 1, 3);
    before.run(2 * MINUTE);
    const world = restored(before);
    press(world, 1, 3);
    expect(raised(world, before)).toEqual([]);
  });

  test('a heartbeat brings a wall button up to date: its next press is proven, and a recording is a repeat', () => {
    const before = new SensorWorld(SCHOOL);
    press(before, 1, 3);
    before.run(2 * MINUTE);
    const world = restored(before);
    world.say('wb-101', HEARTBEAT, { identity: { epoch: 1, counter: 90 }, authenticated: true });
    press(world, 1, 10);
    press(world, 1, 91);
    expect(raised(world, before)).toEqual(['wb-101.1.91 true']);
  });

  test('the doubt outlives restarts of a gateway that did not hear the device', () => {
    const before = new SensorWorld(SCHOOL);
    press(before, 1, 3);
    before.run(2 * MINUTE);
    const world = restored(before);
    for (let run = 0; run < 3; run++) {
      world.run(2 * MINUTE);
      world.crash();
      world.start();
    }
    press(world, 2, 1);
    expect(raised(world, before)).toEqual(['wb-101.2.1 false']);
  });

  test('a tag whose counter began anew since the backup is heard, unproven, and not lost', () => {
    const before = new SensorWorld(TAG);
    press(before, 0, 9000);
    before.run(2 * MINUTE);
    const world = restored(before, TAG);
    press(world, 0, 12);
    press(world, 0, 13);
    press(world, 0, 12);
    expect(raised(world, before)).toEqual(['wb-101.1.12 false', 'wb-101.1.13 true']);
  });

  test('the session is higher than any that was used since, even if the clock is at its beginning', () => {
    const before = new SensorWorld(SCHOOL);
    before.run(2 * MINUTE);
    const { session } = recoveredState(before.journal.records);
    const world = restored(before);
    world.run(2 * MINUTE);
    expect(recoveredState(world.journal.records).session).toBeGreaterThan(session + 1_000_000);
  });
});
