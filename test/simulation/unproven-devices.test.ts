import { describe, expect, test } from 'vitest';
import type { UnknownSignal } from '../../gateway/core/signal.ts';
import type { Device } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const TAG = { counterOnly: true, keyFingerprint: 'aa', heartbeatMs: 60_000 } as const;
const WHERE = 'wb-101, Main building, Floor 1, Rm 101';
const MINUTE = 60_000;

function worldWith(changes: Partial<Device> = {}): SensorWorld {
  return new SensorWorld(site([device(101, { ...TAG, ...changes })], [path('central')]));
}

function claim(world: SensorWorld, changes: Partial<UnknownSignal> = {}): void {
  const { nowMs: capturedMs } = world.clock;
  const from = { input: 'bus-1', address: '54:48:E6:00:00:A5', device: 'wb-101' } as const;
  const signal = { ...from, reason: 'notAuthentic', says: 'readings', capturedMs, ...changes } as const;
  world.give({ type: 'unknownSignal', signal });
  world.run(1000);
}

/** The texts of the reports that went to a receiver, in order. */
function reported(world: SensorWorld): string[] {
  return world.attempts.map(({ report }) => report.text);
}

describe('a message that claims to be of a device and fails its proof', () => {
  test.each<[string, Partial<UnknownSignal>, RegExp]>([
    [
      'it has another key',
      {},
      /^input bus-1, address 54:48.*, its key does not fit; write its key into keys.yaml under wb-101 and reload the configuration$/,
    ],
    [
      'it speaks in the clear',
      { reason: 'notEncrypted' },
      /^input bus-1, address 54:48.*, it has a key but spoke without it; switch its encryption on/,
    ],
  ])('is a fault of the device, with its room and what mends it: %s', (_, changes, detail) => {
    const world = worldWith();
    for (let minute = 0; minute < 120; minute++) {
      claim(world, { ...changes, identity: { epoch: 0, counter: minute } });
      world.run(MINUTE - 1000);
    }
    expect([...world.troubles]).toContain('deviceFault.wb-101');
    const told = reported(world).filter((each) => each.startsWith('Device fault'));
    expect(told).toEqual([expect.stringContaining(`Device fault: ${WHERE}: its messages are not accepted: it`)]);
    expect(world.details).toContainEqual(expect.stringMatching(detail));
    expect(world.told.filter((each) => each.startsWith('Unknown device'))).toEqual([]);
  });

  test('is over when the device is heard properly', () => {
    const world = worldWith();
    claim(world);
    world.counted('wb-101', 5, []);
    expect([...world.troubles]).not.toContain('deviceFault.wb-101');
  });

  test('and still stands after a restart, until the device is heard properly', () => {
    const world = worldWith();
    claim(world);
    world.crash();
    world.start();
    expect([...world.troubles]).toContain('deviceFault.wb-101');
    world.counted('wb-101', 5, []);
    world.run(1000);
    expect([...world.troubles]).not.toContain('deviceFault.wb-101');
  });

  test('and is a press: that is told first, at once, and each minute again', () => {
    const world = worldWith();
    claim(world, { says: 'press', reason: 'notEncrypted' });
    expect(reported(world)[0]).toContain(`Press, not accepted, claims to be ${WHERE}: it has a key`);
    expect(reported(world)[1]).toContain('Device fault');
    for (let second = 0; second < 50; second += 10) {
      claim(world, { says: 'press', reason: 'notEncrypted' });
      world.run(9_000);
    }
    world.run(MINUTE);
    expect(reported(world).filter((each) => each.startsWith('Press'))).toHaveLength(2);
    expect(world.raised).toEqual([]);
  });

  test.each<[string, Partial<Device>, number, number]>([
    ['that is silent between events: each may be a press', { heartbeatMs: 0 }, 0, 1],
    ['in beacon mode: what comes with its beacon is none', {}, MINUTE, 0],
    ['in beacon mode: what comes between its beacons may be a press', {}, 20_000, 1],
  ])('cannot be read, of a device %s', (_, changes, gapMs, notices) => {
    const world = worldWith(changes);
    claim(world, { identity: { epoch: 0, counter: 1 } });
    world.run(gapMs);
    claim(world, { identity: { epoch: 0, counter: 2 } });
    expect(world.told.filter((each) => each.startsWith('Message that may be a press, not'))).toHaveLength(notices);
  });

  test('of a device that is heard properly all the time is a fault once, and then a notice in an hour', () => {
    const world = worldWith();
    for (let minute = 0; minute < 50; minute++) {
      claim(world, { identity: { epoch: 0, counter: 1_000_000 + minute } });
      world.counted('wb-101', minute + 1, []);
      world.run(MINUTE - 1000);
    }
    expect(world.told.filter((each) => each.startsWith('Device fault'))).toHaveLength(10);
    expect(world.told.filter((each) => each.startsWith('Unknown device'))).toHaveLength(1);
    expect([...world.troubles]).toEqual([]);
  });

  test('with all addresses of a site raises no more than 16 faults; the others are counted', () => {
    const devices = Array.from({ length: 60 }, (_, at) => device(100 + at, TAG));
    const world = new SensorWorld(site(devices, [path('central')]));
    for (const { id } of devices) claim(world, { device: id, address: id });
    expect([...world.troubles].filter((each) => each.startsWith('deviceFault'))).toHaveLength(16);
    expect(world.told.filter((each) => each.startsWith('Unknown device')).length).toBeLessThan(20);
    expect(world.told.at(-1)).toContain('which claims to be wb-1');
  });
});

describe('a tag without a key that is said to have one', () => {
  const PLAIN = { counterOnly: false, heartbeatMs: 0 } as const;

  function plainWorld(): SensorWorld {
    const { keyFingerprint: _, ...plain } = device(101, { ...TAG, ...PLAIN });
    return new SensorWorld(site([plain], [path('central')]));
  }

  test('is told with what mends the configuration', () => {
    const world = plainWorld();
    claim(world, { identity: { epoch: 0, counter: 1 } });
    expect(world.details.at(-1)).toContain(
      'it is encrypted, and the configuration has no key of it; remove encrypted: false of wb-101, write its key into keys.yaml under wb-101',
    );
  });

  test.each<[string, { packetId?: number; repeatsWithinMs?: number }]>([
    ['that numbers its messages', { packetId: 5 }],
    ['that numbers nothing', { repeatsWithinMs: 1_500 }],
  ])('%s has no fault any more when it is heard in the clear', (_, how) => {
    const world = plainWorld();
    claim(world);
    expect([...world.troubles]).toEqual(['deviceFault.wb-101']);
    world.readings('wb-101', {}, how);
    expect([...world.troubles]).toEqual([]);
  });
});

describe('a counter that began anew after a change of battery', () => {
  test('is a fault of the device before it is pressed, and the command that mends it restores it', () => {
    const world = worldWith();
    world.counted('wb-101', 5000, []);
    world.run(MINUTE);
    world.counted('wb-101', 1, []);
    world.run(1000);
    expect(world.told).toEqual([expect.stringMatching(/^Device fault: wb-101, .*its battery was changed$/)]);
    expect(world.details).toEqual([
      expect.stringMatching(/old numbers, .*: callpoint enrol wb-101 --reason "new battery", then press/),
    ]);
    world.counted('wb-101', 2);
    world.run(1000);
    expect(world.told[1]).toMatch(/^Press with old numbers, not accepted: wb-101, /);
    expect(world.details[1]).toContain('callpoint enrol wb-101');
    world.command({ command: 'enrol', device: 'wb-101', minutes: 5, by: 'kim', reason: 'new battery' });
    world.counted('wb-101', 3);
    world.run(1000);
    expect(world.raised).toHaveLength(1);
    expect([...world.troubles]).toEqual([]);
  });
});

describe('somebody who sends with the address of a device a hundred times a second', () => {
  /** For two minutes, in all the ways at once, while the device itself is silent or speaks. */
  function spoofed(speaks: boolean): SensorWorld {
    const world = worldWith();
    for (let counter = 4_900; counter <= 5_000; counter++) world.counted('wb-101', counter, []);
    world.run(1000);
    const before = world.written;
    for (let at = 0; at < 12_000; at++) {
      const { nowMs: capturedMs } = world.clock;
      const from = { input: 'bus-1', address: '54:48:E6:00:00:A5', device: 'wb-101', capturedMs } as const;
      const identity = { epoch: 0, counter: at % 2 ? at : 1_000_000 + at };
      if (at % 3 === 0) world.counted('wb-101', at % 4_900);
      else if (at % 3 === 1)
        world.give({ type: 'unknownSignal', signal: { ...from, reason: 'notEncrypted', says: 'press' } });
      else
        world.give({ type: 'unknownSignal', signal: { ...from, reason: 'notAuthentic', says: 'readings', identity } });
      if (speaks && at % 3_000 === 2_999) world.counted('wb-101', 5_001 + at, []);
      world.run(10);
    }
    expect(world.written - before).toBeLessThan(60);
    return world;
  }

  test.each([
    ['is silent', false],
    ['is heard too', true],
  ])('makes a few reports and records, while the device %s, and its press is an alarm at once', (_, speaks) => {
    const world = spoofed(speaks);
    expect(world.told.length).toBeLessThan(16);
    expect(world.raised).toEqual([]);
    const pressedMs = world.clock.nowMs;
    world.counted('wb-101', 60_000);
    world.run(50);
    const [alert] = world.raised;
    expect(world.sentMs.get(alert?.id ?? '')).toBeLessThanOrEqual(pressedMs + 10);
    expect([...world.troubles]).toEqual([]);
  });
});
