import { describe, expect, test } from 'vitest';
import type { Device } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const PRESS = [{ button: 0, pattern: 'single' }] as const;
const MINUTE = 60_000;

function worldWith(changes: Partial<Device> = {}): SensorWorld {
  return new SensorWorld(site([device(101, changes)], [path('central')]));
}

describe('a sensor that numbers its messages by a byte', () => {
  test('says one press in ten advertisements: one alert', () => {
    const world = worldWith();
    for (let advert = 0; advert < 10; advert++) {
      world.readings('wb-101', { presses: PRESS }, { packetId: 17 });
      world.run(100);
    }
    expect(world.raised).toHaveLength(1);
    expect(world.raised[0]?.authenticated).toBe(false);
    expect(world.raised[0]?.text).not.toContain('unauthenticated');
  });

  test('is pressed twice within a second: two alerts', () => {
    const world = worldWith();
    for (const packetId of [255, 255, 0, 255, 0]) {
      world.readings('wb-101', { presses: PRESS }, { packetId });
      world.run(100);
    }
    expect(world.raised).toHaveLength(2);
  });

  test('begins anew after a change of battery, and is heard', () => {
    const world = worldWith();
    world.readings('wb-101', { presses: PRESS }, { packetId: 200 });
    world.run(MINUTE);
    world.readings('wb-101', { presses: PRESS }, { packetId: 1 });
    expect(world.raised).toHaveLength(2);
  });

  test('is pressed, and the only radio that hears it delivers it behind the next message: one alert', () => {
    const world = worldWith();
    world.readings('wb-101', {}, { packetId: 9 });
    for (let advert = 0; advert < 3; advert++) {
      world.run(30);
      world.readings('wb-101', { presses: PRESS }, { packetId: 8 });
    }
    expect(world.raised).toHaveLength(1);
  });

  describe('repeats its last message in beacon mode', () => {
    function beacon(world: SensorWorld, minutes: number): void {
      for (let second = 0; second < minutes * 60; second += 40) {
        world.readings('wb-101', { presses: PRESS }, { packetId: 5 });
        world.run(40_000);
      }
    }

    test('and is supervised: one alert, without another word', () => {
      const world = worldWith();
      beacon(world, 20);
      expect(world.raised).toHaveLength(1);
      expect(world.told).toEqual([]);
      expect(world.devices.get('wb-101')?.supervised).toBe('ok');
    });

    test('and was away for as long as makes it missing: it may have a new battery, so that is a press', () => {
      const world = worldWith();
      beacon(world, 2);
      world.run(2 * MINUTE);
      beacon(world, 2);
      expect(world.raised).toHaveLength(2);
    });

    test('and nobody said that it has one: one alert, and one notice that it may have been pressed', () => {
      const world = worldWith({ heartbeatMs: 0 });
      world.readings('wb-101', {}, { packetId: 4 });
      beacon(world, 20);
      expect(world.raised).toHaveLength(1);
      expect(world.told).toEqual([
        expect.stringMatching(
          /^Press heard again 40 s later .* wb-101, Main building, .*: if it was pressed, go there/,
        ),
      ]);
      expect(world.details).toEqual([expect.stringContaining('heartbeatSeconds')]);
    });

    test.each([
      ['a kill', 5],
      ['a kill while the disk was slow', 100],
    ])('over %s of the gateway: the press is one alert, and the next press another', (_, journalDelayMs) => {
      const world = worldWith();
      world.journalDelayMs = journalDelayMs;
      beacon(world, 2);
      world.crash();
      world.run(20 * MINUTE);
      world.start();
      beacon(world, 2);
      expect(world.raised).toHaveLength(1);
      world.crash();
      world.start();
      world.readings('wb-101', { presses: PRESS }, { packetId: 6 });
      expect(world.raised).toHaveLength(2);
    });
  });
});

test('what is not numbered at all is told apart by silence', () => {
  const world = worldWith();
  const say = () => world.readings('wb-101', { presses: PRESS }, { repeatsWithinMs: 1500 });
  for (let advert = 0; advert < 40; advert++) {
    say();
    world.run(1000);
  }
  expect(world.raised).toHaveLength(1);
  world.run(1500);
  say();
  expect(world.raised).toHaveLength(2);
});

test('a sensor that numbers nothing, pressed twice while the gateway stood still: two alerts', () => {
  const world = worldWith();
  world.run(5_000);
  const say = (agoMs: number) => {
    const capturedMs = world.clock.nowMs - agoMs;
    world.readings('wb-101', { presses: PRESS }, { repeatsWithinMs: 1500, capturedMs });
  };
  for (const agoMs of [4_000, 3_970, 2_000, 1_970]) say(agoMs);
  expect(world.raised).toHaveLength(2);
});

describe('an encrypted sensor, which has a counter and no epoch', () => {
  const tag = { counterOnly: true, heartbeatMs: 0 };

  test('is believed once a counter, and only upwards', () => {
    const world = worldWith(tag);
    for (const counter of [100, 100, 101, 100, 101, 40]) world.counted('wb-101', counter);
    world.run(1000);
    expect(world.raised.map(({ id }) => id)).toEqual(['wb-101.0.100', 'wb-101.0.101']);
    expect(world.raised[1]?.authenticated).toBe(true);
    expect(world.told).toEqual([
      expect.stringContaining('Press with old numbers, not accepted'),
      expect.stringMatching(/^Device fault: wb-101, /),
    ]);
    for (const detail of world.details) expect(detail).toContain('run: callpoint enrol wb-101');
  });

  test('is believed only when its counter is written down', () => {
    const world = worldWith(tag);
    world.journalDelayMs = 20;
    world.counted('wb-101', 100);
    expect(world.sentMs.size).toBe(0);
    world.run(20);
    expect([...world.sentMs.keys()]).toEqual(['wb-101.0.100']);
    expect(world.journal.records).toContainEqual(expect.objectContaining({ t: 'heard', epoch: 0, counter: 100 }));
  });

  test('is not kept waiting by a disk that hangs', () => {
    const world = worldWith(tag);
    world.journalDelayMs = Number.POSITIVE_INFINITY;
    const pressedMs = world.clock.nowMs;
    world.counted('wb-101', 100);
    world.run(1000);
    expect((world.sentMs.get('wb-101.0.100') ?? Number.POSITIVE_INFINITY) - pressedMs).toBe(50);
  });

  test('a recording played after a crash raises nothing', () => {
    for (const afterMs of [0, 1, 5, 6, 1000]) {
      const world = worldWith(tag);
      world.counted('wb-101', 100);
      world.run(afterMs);
      world.crash();
      world.start();
      world.counted('wb-101', 100);
      world.run(1000);
      expect(world.raised.filter(({ id }) => id === 'wb-101.0.100')).toHaveLength(1);
      expect(world.raised).toHaveLength(1);
    }
  });

  test('with a new battery is believed only when an operator enrols it anew', () => {
    const world = worldWith(tag);
    world.counted('wb-101', 100);
    world.run(1000);
    world.counted('wb-101', 1);
    world.run(1000);
    expect(world.raised).toHaveLength(1);
    enrol(world);
    world.counted('wb-101', 2);
    world.run(1000);
    world.counted('wb-101', 3);
    world.run(1000);
    expect(world.raised.map(({ id }) => id)).toEqual(['wb-101.0.100', 'wb-101.1.2', 'wb-101.1.3']);
    world.crash();
    world.start();
    world.counted('wb-101', 3);
    world.counted('wb-101', 101);
    world.run(1000);
    // In its new epoch the tag has counted to 3. A 101 of the old epoch looks like a far jump
    // ahead.
    expect(world.raised).toHaveLength(4);
  });

  test('an enrolment not used is over in its time', () => {
    const world = worldWith(tag);
    world.counted('wb-101', 100);
    world.run(1000);
    enrol(world);
    world.run(5 * MINUTE + 1);
    world.counted('wb-101', 2);
    world.run(1000);
    expect(world.raised).toHaveLength(1);
  });

  function enrol(world: SensorWorld): void {
    const command = { command: 'enrol', device: 'wb-101', minutes: 5, reason: 'battery', by: 'office' } as const;
    world.give({ type: 'command', command });
  }
});

describe('a message with several facts', () => {
  test('raises an alert for each of two buttons pressed at once', () => {
    const world = worldWith();
    const presses = [
      { button: 0, pattern: 'single' },
      { button: 1, pattern: 'double' },
    ] as const;
    for (let advert = 0; advert < 3; advert++)
      world.readings('wb-101', { presses }, { identity: { epoch: 4, counter: 7 }, authenticated: true });
    expect(world.raised.map(({ id, button, pattern }) => [id, button, pattern])).toEqual([
      ['wb-101.4.7', 'button-0', 'single'],
      ['wb-101.4.7.2', 'button-1', 'double'],
    ]);
  });

  test('makes one alert of a button that is held, however often it is said', () => {
    const world = worldWith();
    for (let packetId = 1; packetId < 20; packetId++) {
      world.readings('wb-101', { presses: [{ button: 0, pattern: 'hold' }] }, { packetId });
      world.run(500);
    }
    expect(world.raised).toHaveLength(1);
    world.run(3000);
    world.readings('wb-101', { presses: [{ button: 0, pattern: 'hold' }] }, { packetId: 20 });
    expect(world.raised).toHaveLength(2);
  });

  test('leaves alone what it does not say', () => {
    const world = worldWith();
    world.readings('wb-101', { batteryPercent: 12, lowBattery: true }, { packetId: 1 });
    world.readings('wb-101', { points: [{ point: 0, active: true }], tamper: true }, { packetId: 2 });
    world.run(100);
    expect(world.devices.get('wb-101')).toMatchObject({
      battery_percent: 12,
      low_battery: true,
      tamper: true,
      points: { door: { state: 'open' } },
    });
    expect([...world.troubles].sort()).toEqual(['lowBattery.wb-101', 'tamper.wb-101']);
  });
});

describe('a device that gives no sign of life between events', () => {
  test('is never called well, nor missing', () => {
    const world = worldWith({ heartbeatMs: 0 });
    expect(world.devices.get('wb-101')?.supervised).toBe('unsupervised');
    world.readings('wb-101', { batteryPercent: 90 }, { packetId: 1 });
    world.run(24 * 60 * MINUTE);
    expect(world.devices.get('wb-101')?.supervised).toBe('unsupervised');
    expect([...world.troubles]).toEqual([]);
  });

  test('is no longer missing once the configuration says that it gives none', () => {
    const world = worldWith({ heartbeatMs: 1000 });
    world.readings('wb-101', { batteryPercent: 90 }, { packetId: 1 });
    world.run(MINUTE);
    expect([...world.troubles]).toEqual(['deviceMissing.wb-101']);
    world.crash();
    world.start(site([device(101, { heartbeatMs: 0 })], [path('central')]));
    expect([...world.troubles]).toEqual([]);
  });

  test('but is watched by something else, is missing when that says so', () => {
    const world = worldWith({ heartbeatMs: 0, watched: true });
    world.say('wb-101', { type: 'availability', of: 0, says: 'online' });
    expect(world.devices.get('wb-101')?.supervised).toBe('ok');
    world.say('wb-101', { type: 'availability', of: 0, says: 'offline' });
    expect([...world.troubles]).toEqual(['deviceMissing.wb-101']);
    world.say('wb-101', { type: 'availability', of: 0, says: 'online' });
    expect([...world.troubles]).toEqual([]);
  });
});

test('what somebody kept raises nothing and proves nothing, but tells how things stood', () => {
  const world = worldWith({ heartbeatMs: 0, watched: true });
  const points = [{ point: 0, active: true }];
  world.readings('wb-101', { presses: PRESS, points }, { kept: true });
  world.say('wb-101', { type: 'availability', of: 0, says: 'online' }, { kept: true });
  world.run(1000);
  expect(world.raised).toEqual([]);
  expect(world.devices.get('wb-101')).toMatchObject({
    supervised: 'ok',
    last_proven_at: null,
    points: { door: { state: 'open' } },
  });
});

test('how well a radio device is heard is published', () => {
  const world = worldWith();
  const reception = { input: 'bus-1', device: 'wb-101', rssiDbm: -71, perMinute: 12, trend: 'falling' } as const;
  world.give({ type: 'reception', reception });
  expect(world.devices.get('wb-101')?.reception).toEqual({
    'bus-1': { rssi_dbm: -71, per_minute: 12, trend: 'falling' },
  });
});
