import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeviceSupervision } from '../../../gateway/core/devices/device-supervision.ts';
import type { Device } from '../../../gateway/core/site.ts';
import { isoTime } from '../../../protocol/wall-time.ts';
import { device } from '../../simulation/site.ts';
import { TestContext } from './test-context.ts';

const HEARTBEAT_MS = 30_000;
/** Of three missed heartbeats. */
const WINDOW_MS = 90_000;
const MISSING = 'Device missing: wb-101, Main building, Floor 1, Rm 101';
const UNWATCHED =
  'it was heard, but its availability does not say that it is present: check the topics of its availability';

function supervised(changes: Partial<Device> = {}) {
  const test = new TestContext();
  const changed: number[] = [];
  const one = new DeviceSupervision(device(101, changes), test.context, test.troubles, (_, point) =>
    changed.push(point),
  );
  test.onTimer = (timer) => {
    if (timer.type === 'deviceDue') one.due();
    else if (timer.type === 'debounce') one.debounced(timer.point);
  };
  const document = () =>
    test
      .of('publish')
      .flatMap(({ publication: of }) => (of.kind === 'device' ? of.document : []))
      .at(-1);
  return { test, one, changed, document };
}

describe('a device', () => {
  test('is missing once its heartbeats have stayed away for the whole window, never sooner', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: WINDOW_MS - 1 }), { maxLength: 30, size: 'max' });
    fc.assert(
      fc.property(gaps, (waits) => {
        const { test, one } = supervised();
        one.proven();
        for (const ms of waits) {
          test.run(ms);
          one.proven();
        }
        test.run(WINDOW_MS - 1);
        expect(test.texts).toEqual([]);
        test.run(1);
        expect(test.texts).toEqual([MISSING]);
        one.proven();
        expect(test.texts).toEqual([MISSING, `Restored: ${MISSING}`]);
      }),
    );
  });

  test('is missing after as many unanswered polls in a row as it may miss heartbeats', () => {
    const { test, one } = supervised();
    one.proven();
    for (const answers of [false, false, true, false, false]) answers ? one.proven() : one.noAnswer();
    expect(test.texts).toEqual([]);
    one.noAnswer();
    expect(test.texts).toEqual([MISSING]);
  });

  test('that gives no sign of life is never called well and never missing', () => {
    const { test, one, document } = supervised({ heartbeatMs: 0 });
    one.proven();
    test.run(10 * WINDOW_MS);
    expect(document()).toMatchObject({ supervised: 'unsupervised' });
    expect(test.texts).toEqual([]);
  });

  test('of which a broker kept "online" is not reported missing, and that proves no life', () => {
    const { one, document } = supervised({ heartbeatMs: 0, watched: true });
    one.availability(0, 'online', true);
    expect(document()).toMatchObject({ supervised: 'ok', last_proven_at: null });
  });

  test('that only its availability supervises is a trouble if it is not heard, and none if that spoke in time', () => {
    const { test, one, document } = supervised({ heartbeatMs: 0, watched: true });
    one.inputChanged(true);
    test.run(119_999);
    expect(test.texts).toEqual([]);
    test.run(1);
    expect(test.texts).toEqual([MISSING]);
    expect(test.details).toEqual(['never heard since the start: check its power and the topics of its availability']);
    expect(document()?.supervised ?? 'unknown').toBe('unknown');
    one.availability(0, 'online', true);
    expect(test.texts).toEqual([MISSING, `Restored: ${MISSING}`]);
    test.run(24 * 3_600_000);
    expect(test.texts).toHaveLength(2);
    expect(document()).toMatchObject({ supervised: 'ok' });
  });

  test('that only its availability supervises, and which speaks without it, is never called well', () => {
    const { test, one, document } = supervised({ heartbeatMs: 0, watched: true, availabilities: 2 });
    one.inputChanged(true);
    one.availability(0, 'online', true);
    one.proven();
    test.run(120_000);
    one.proven();
    expect(test.texts).toEqual([MISSING]);
    expect(test.details).toEqual([UNWATCHED]);
    expect(document()).toMatchObject({ supervised: 'unknown' });
    one.availability(1, 'online', true);
    expect(test.texts).toEqual([MISSING, `Restored: ${MISSING}`]);
    expect(document()).toMatchObject({ supervised: 'ok' });
  });

  test('that speaks while its availability says offline is unknown, and the trouble says so until it is online', () => {
    const { test, one, document } = supervised({ heartbeatMs: 0, watched: true });
    one.availability(0, 'offline', true);
    one.proven();
    expect(document()).toMatchObject({ supervised: 'unknown' });
    expect(test.details.at(-1)).toBe(UNWATCHED);
    one.availability(0, 'online', false);
    expect(test.troubles.stands('deviceMissing', 'wb-101')).toBe(false);
  });

  test('was proven last now at most, although the clock was set back since', () => {
    const { test, one, document } = supervised();
    one.proven();
    const { monoMs, wallMs } = test.context.now;
    test.context.now = { monoMs: monoMs + 60_000, wallMs: wallMs - 3_600_000 };
    one.proven();
    expect(document()).toMatchObject({ last_proven_at: isoTime(wallMs - 3_600_000) });
  });

  test('of which one availability says offline is missing, whatever the others say', () => {
    const { test, one } = supervised({ heartbeatMs: 0, watched: true, availabilities: 2 });
    one.availability(0, 'online', false);
    one.availability(1, 'online', false);
    one.availability(0, 'offline', false);
    one.availability(1, 'online', false);
    expect(test.texts).toEqual([MISSING]);
    one.availability(0, 'online', false);
    expect(test.texts).toEqual([MISSING, `Restored: ${MISSING}`]);
  });

  test('whose availability is not understood is unknown', () => {
    const { one, document } = supervised({ heartbeatMs: 0, watched: true });
    one.availability(0, 'online', false);
    expect(document()).toMatchObject({ supervised: 'ok' });
    one.availability(0, 'unclear', false);
    expect(document()).toMatchObject({ supervised: 'unknown' });
    one.proven();
    expect(document()).toMatchObject({ supervised: 'unknown' });
  });

  test('is let have a heartbeat after a stall of the gateway, and no number of stalls hides its loss', () => {
    const stalls = fc.record({
      deafMs: fc.integer({ min: 500, max: 5_000 }),
      wellMs: fc.integer({ min: 1_000, max: 10_000 }),
    });
    fc.assert(
      fc.property(fc.array(stalls, { minLength: 60, maxLength: 60, size: 'max' }), (times) => {
        const { test, one } = supervised();
        one.proven();
        let stalledMs = 0;
        for (const { deafMs, wellMs } of times) {
          test.run(wellMs);
          if (test.texts.length > 0) break;
          test.at(test.nowMs + deafMs);
          one.excuse(deafMs);
          stalledMs += deafMs;
          const dueMs = test.context.timers.dueMs({ type: 'deviceDue', device: 'wb-101' }) ?? 0;
          expect(dueMs).toBeGreaterThanOrEqual(WINDOW_MS);
          // What it gains is one heartbeat, and from then on the time of the stalls alone.
          expect(dueMs).toBeLessThanOrEqual(WINDOW_MS + HEARTBEAT_MS + stalledMs);
        }
        expect(test.texts).toEqual([MISSING]);
      }),
    );
  });

  test('a frame that comes late does not undo what a newer one said', () => {
    const { test, one } = supervised();
    one.proven();
    one.pointHeard(0, true, { epoch: 1, counter: 5 });
    test.run(50);
    one.pointHeard(0, false, { epoch: 1, counter: 4 });
    test.run(50);
    expect(one.pointState(0)).toBe('open');
    one.pointHeard(0, false, { epoch: 2, counter: 1 });
    test.run(50);
    expect(one.pointState(0)).toBe('closed');
  });

  test('that is lost leaves its points unknown until each is heard anew', () => {
    const { test, one, changed } = supervised();
    one.proven();
    one.pointHeard(0, false, { epoch: 1, counter: 1 });
    test.run(50);
    expect(one.pointState(0)).toBe('closed');
    one.overdue();
    expect(one.pointState(0)).toBe('unknown');
    one.proven();
    expect(one.pointState(0)).toBe('unknown');
    changed.length = 0;
    one.pointHeard(0, false, { epoch: 1, counter: 2 });
    expect(one.pointState(0)).toBe('closed');
    expect(changed).toEqual([0]);
  });

  test('has a point that is unknown when a message that may be old says otherwise', () => {
    const { test, one } = supervised();
    const old = (active: boolean, counter: number) => {
      one.pointHeard(0, active, { epoch: 1, counter }, false);
      test.run(50);
    };
    one.proven();
    old(true, 1);
    expect(one.pointState(0)).toBe('unknown');
    one.pointHeard(0, false, { epoch: 1, counter: 2 });
    test.run(50);
    expect(one.pointState(0)).toBe('closed');
    old(false, 3);
    expect(one.pointState(0)).toBe('closed');
    old(true, 4);
    expect(one.pointState(0)).toBe('unknown');
  });

  test('whose cover was open is not restored by a message that may be old', () => {
    const { test, one } = supervised();
    one.proven();
    one.pointHeard(2, true, { epoch: 1, counter: 1 });
    test.run(50);
    one.overdue();
    one.pointHeard(2, false, { epoch: 1, counter: 2 }, false);
    test.run(50);
    expect(test.troubles.stands('tamper', 'wb-101.cover')).toBe(true);
    one.proven();
    one.pointHeard(2, false, { epoch: 1, counter: 3 });
    test.run(50);
    expect(test.troubles.stands('tamper', 'wb-101.cover')).toBe(false);
  });

  test('is told to be silent at each heartbeat until it is', () => {
    const { test, one } = supervised({ silent: true });
    const heartbeat = { type: 'heartbeat', lowBattery: false, tamper: false, uptimeSeconds: 1, points: [] } as const;
    for (const [counter, silentMode] of [false, false, true].entries()) {
      one.heartbeat({ ...heartbeat, silentMode }, { epoch: 1, counter });
    }
    expect(test.of('silence').map(({ identity, silent }) => [identity.counter, silent])).toEqual([
      [0, true],
      [1, true],
    ]);
  });

  test('a fault that its driver finds is a trouble until the driver finds none', () => {
    const { test, one } = supervised();
    one.fault({ detail: 'answers exception 02' });
    one.fault({ detail: 'answers exception 02' });
    one.fault(undefined);
    const text = 'Device fault: wb-101, Main building, Floor 1, Rm 101';
    expect(test.texts).toEqual([text, `Restored: ${text}`]);
    expect(test.details).toEqual(['answers exception 02', 'answers exception 02']);
  });
});

describe('what a device says of itself', () => {
  test.each([
    ['lowBattery', 'Low battery: wb-101'],
    ['tamper', 'Tamper: cover open: wb-101'],
  ] as const)('%s is a trouble while the device says so', (flag, text) => {
    const { test, one } = supervised();
    const readings = { type: 'readings', presses: [], points: [] } as const;
    const identity = { epoch: 1, counter: 1 };
    one.readings({ ...readings, [flag]: true }, identity);
    // A missing value does not mean "no".
    one.readings(readings, identity);
    expect(test.texts).toEqual([`${text}, Main building, Floor 1, Rm 101`]);
    one.readings({ ...readings, [flag]: false }, identity);
    expect(test.texts.at(-1)).toMatch(/^Restored: /);
  });

  test('stays as it was where a message does not mention it, and is null where it was never said', () => {
    const { one, document } = supervised();
    const readings = { type: 'readings', presses: [], points: [] } as const;
    one.readings({ ...readings, batteryPercent: 80 }, { epoch: 1, counter: 1 });
    one.readings({ ...readings, lowBattery: true }, { epoch: 1, counter: 2 });
    expect(document()).toMatchObject({ battery_percent: 80, low_battery: true, tamper: null, supply_mv: null });
  });
});

describe('a fault that makes contacts unreadable', () => {
  const DOOR = { of: 'point', number: 0 } as const;
  const BOLT = { of: 'point', number: 1 } as const;
  const COVER = { of: 'point', number: 2 } as const;
  const ALL = [{ of: 'button', number: 0 }, { of: 'button', number: 1 }, DOOR, BOLT, COVER] as const;
  const FAULT = 'Device fault: wb-101, Main building, Floor 1, Rm 101';

  function proven() {
    const rig = supervised();
    rig.one.inputChanged(true);
    rig.one.proven();
    for (const number of [0, 1]) rig.one.pointHeard(number, true, { epoch: 1, counter: 0 });
    rig.test.run(1_000);
    return rig;
  }

  test('makes those points unknown and no other', () => {
    const { one } = proven();
    one.fault({ detail: 'GPIO8 is in use' }, [DOOR]);
    expect([one.pointState(0), one.pointState(1)]).toEqual(['unknown', 'unlocked']);
  });

  test('is one trouble, whose text follows the cause, and ends with it', () => {
    const { test, one } = proven();
    one.fault({ cause: 'two contacts', detail: 'GPIO8 and GPIO7 are in use' }, [DOOR, BOLT]);
    one.fault({ cause: 'one contact', detail: 'GPIO8 is in use' }, [DOOR]);
    expect(test.texts).toEqual([`${FAULT}: two contacts`]);
    one.fault(undefined);
    expect(test.texts.at(-1)).toBe(`Restored: ${FAULT}: one contact`);
    expect(test.details).toEqual(['GPIO8 and GPIO7 are in use', 'GPIO8 is in use', 'GPIO8 is in use']);
  });

  test('of the whole device is not told a second time as a missing device, nor shown as well', () => {
    const { test, one, document } = proven();
    one.fault({ detail: 'all in use' }, ALL);
    expect(document()?.supervised).toBe('unknown');
    test.run(10 * WINDOW_MS);
    expect(test.texts).toEqual([FAULT]);
    one.inputChanged(false);
    one.inputChanged(true);
    test.run(10 * WINDOW_MS);
    expect(test.texts).toHaveLength(1);
  });

  test('and ends without a reading: then the device is missing', () => {
    const { test, one } = proven();
    one.fault({ detail: 'all in use' }, ALL);
    one.fault(undefined);
    test.run(WINDOW_MS);
    expect(test.texts.at(-1)).toBe(MISSING);
  });

  test('of an earlier run is restored once the driver has found nothing wrong, and not before', () => {
    const { test, one } = proven();
    test.troubles.raise('deviceFault', 'wb-101', { text: FAULT });
    one.restoreTroubles();
    expect(test.troubles.stands('deviceFault', 'wb-101')).toBe(true);
    const late = proven();
    late.one.fault(undefined);
    late.test.troubles.raise('deviceFault', 'wb-101', { text: FAULT });
    late.one.restoreTroubles();
    expect(late.test.troubles.stands('deviceFault', 'wb-101')).toBe(false);
  });
});
