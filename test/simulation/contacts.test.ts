import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ContactTiming, Device } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const TIMES: ContactTiming = { minimumMs: 2, rearmMs: 50, stuckMs: 60_000 };

function wired(times: ContactTiming = TIMES, changes: Partial<Device> = {}): Device {
  const button = { id: 'button-1', number: 0, zone: 101, kind: 'medical', contact: times };
  return device(101, { buttons: new Map([[0, button]]), heartbeatMs: 10_000, wiresSupervised: true, ...changes });
}

function worldWith(times: ContactTiming = TIMES): SensorWorld {
  const world = new SensorWorld(site([wired(times)], [path('central')]));
  world.contact('wb-101', 'normal');
  world.run(1000);
  return world;
}

describe('a wired button', () => {
  test('raises one alert a press, told from its first edge', () => {
    const world = worldWith();
    const pressedMs = world.clock.nowMs;
    world.contact('wb-101', 'active');
    world.run(300);
    world.contact('wb-101', 'normal');
    world.run(1000);
    expect(world.raised).toHaveLength(1);
    expect(world.raised[0]).toMatchObject({ device: 'wb-101', button: 'button-1', authenticated: false });
    expect(world.events.map(({ mono_ms }) => mono_ms)).toEqual([pressedMs]);
    expect((world.sentMs.get(world.raised[0]?.id ?? '') ?? 0) - pressedMs).toBeLessThanOrEqual(TIMES.minimumMs);
  });

  test('is not lost when it is released before anybody looked', () => {
    const world = worldWith();
    world.contact('wb-101', 'active', { agoMs: 36 });
    world.contact('wb-101', 'normal', { agoMs: 32 });
    world.run(1000);
    expect(world.raised).toHaveLength(1);
  });

  test('makes no alert of a glitch, also when this process was held up meanwhile', () => {
    const world = worldWith();
    world.contact('wb-101', 'active', { agoMs: 40 });
    world.contact('wb-101', 'normal', { agoMs: 39.9 });
    world.run(1000);
    expect(world.raised).toHaveLength(0);
  });

  test('pressed twice within a second is two alerts', () => {
    const world = worldWith();
    for (let press = 0; press < 2; press++) {
      world.contact('wb-101', 'active');
      world.run(120);
      world.contact('wb-101', 'normal');
      world.run(120);
    }
    expect(world.raised).toHaveLength(2);
  });

  test('on a wire that samples, any sample that says pressed is a press', () => {
    const world = worldWith({ ...TIMES, minimumMs: 0 });
    world.contact('wb-101', 'active');
    world.contact('wb-101', 'normal');
    expect(world.raised).toHaveLength(1);
  });

  test('that is stuck is one alert and then a trouble, not a stream', () => {
    const world = worldWith();
    world.contact('wb-101', 'active');
    for (let reread = 0; reread < 180; reread++) {
      world.run(10_000);
      world.contact('wb-101', 'active');
    }
    expect(world.raised).toHaveLength(1);
    expect(world.told).toEqual([expect.stringContaining('Button stuck: wb-101 button-1')]);
    world.contact('wb-101', 'normal');
    expect([...world.troubles]).toEqual([]);
    world.run(60_000);
    world.contact('wb-101', 'active');
    world.run(10);
    expect(world.raised).toHaveLength(2);
  });

  test('found pressed at the first look is an alert: it may have been pressed while nobody looked', () => {
    const world = new SensorWorld(site([wired()], [path('central')]));
    world.contact('wb-101', 'active');
    world.run(10);
    expect(world.raised).toHaveLength(1);
  });

  test('found pressed again after a crash is no second alert', () => {
    const world = worldWith();
    world.contact('wb-101', 'active');
    world.run(1000);
    world.crash();
    world.start();
    world.contact('wb-101', 'active');
    world.run(120_000);
    world.crash();
    world.start();
    world.contact('wb-101', 'active');
    world.run(10_000);
    expect(world.raised).toHaveLength(1);
    expect([...world.troubles]).toEqual(['stuckButton.wb-101.button-1']);
  });

  test('bounces as it may: every press at a human pace is one alert', () => {
    const bounce = fc.array(fc.double({ min: 0.05, max: 1.9, noNaN: true }), { maxLength: 8 });
    const press = fc.record({
      closing: bounce,
      heldMs: fc.double({ min: 2, max: 900, noNaN: true }),
      opening: bounce,
      restMs: fc.double({ min: 60, max: 2000, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(press, { minLength: 1, maxLength: 12 }), (presses) => {
        const world = worldWith();
        for (const { closing, heldMs, opening, restMs } of presses) {
          toggle(world, closing, 'active');
          world.run(heldMs);
          toggle(world, opening, 'normal');
          world.run(restMs);
        }
        expect(world.raised).toHaveLength(presses.length);
      }),
      { numRuns: 100 },
    );
  });
});

/** Edges of a bouncing contact; it ends in `state`. */
function toggle(world: SensorWorld, pauses: readonly number[], state: 'active' | 'normal'): void {
  const other = state === 'active' ? 'normal' : 'active';
  for (const pause of pauses) {
    world.contact('wb-101', state);
    world.run(pause / 2);
    world.contact('wb-101', other);
    world.run(pause / 2);
  }
  world.contact('wb-101', state);
}

describe('the wires of a contact', () => {
  test('cut or shorted for 300 ms are a trouble, and whole again its end', () => {
    const world = worldWith();
    world.contact('wb-101', 'cut');
    world.run(299);
    expect([...world.troubles]).toEqual([]);
    world.run(2);
    expect([...world.troubles]).toEqual(['wireFault.wb-101.button-1']);
    expect(world.told.at(-1)).toContain('Wire cut');
    world.contact('wb-101', 'normal');
    world.run(301);
    expect([...world.troubles]).toEqual([]);
    expect(world.raised).toHaveLength(0);
  });

  test('torn off by the one who presses: the alarm first, the trouble after', () => {
    const world = worldWith();
    world.contact('wb-101', 'active');
    world.run(30);
    world.contact('wb-101', 'short');
    world.run(1000);
    expect(world.raised).toHaveLength(1);
    expect([...world.troubles]).toEqual(['wireFault.wb-101.button-1']);
    const [alarmMs, troubleMs] = [...world.sentMs.values()];
    expect(alarmMs).toBeLessThan(troubleMs ?? 0);
  });

  describe('whose cut line is not read', () => {
    const half = (world: SensorWorld, state: 'normal' | 'active', of: 'button' | 'point' = 'button') => {
      world.say('wb-101', { type: 'contact', of, number: 0, state, ...(state === 'normal' && { mayBeCut: true }) });
      world.run(1000);
    };

    test('tell each press, after a start with an open alert of the button too', () => {
      const world = worldWith();
      half(world, 'active');
      half(world, 'normal');
      world.crash();
      world.start();
      half(world, 'normal');
      half(world, 'active');
      expect(world.raised).toHaveLength(2);
    });

    test('are not whole at rest', () => {
      const world = worldWith();
      world.contact('wb-101', 'cut');
      world.run(1000);
      world.crash();
      world.start();
      half(world, 'normal');
      expect([...world.troubles]).toEqual(['wireFault.wb-101.button-1']);
      half(world, 'active');
      expect([...world.troubles]).toEqual([]);
    });

    test('of a door: open is open, and shut is unknown', () => {
      const world = worldWith();
      half(world, 'active', 'point');
      expect(doorOf(world)).toBe('open');
      half(world, 'normal', 'point');
      expect(doorOf(world)).toBe('unknown');
    });
  });

  test('of a door: its state is unknown while they are cut', () => {
    const world = worldWith();
    world.contact('wb-101', 'normal', { of: 'point', number: 0 });
    world.run(100);
    expect(doorOf(world)).toBe('closed');
    world.contact('wb-101', 'cut', { of: 'point', number: 0 });
    world.run(400);
    expect(doorOf(world)).toBe('unknown');
    world.contact('wb-101', 'active', { of: 'point', number: 0 });
    world.run(400);
    expect(doorOf(world)).toBe('open');
    expect([...world.troubles]).toEqual([]);
  });
});

function doorOf(world: SensorWorld): string | undefined {
  const { door } = world.devices.get('wb-101')?.points ?? {};
  return door?.state;
}

describe('a device on a polled wire', () => {
  test('is missing after three polls without an answer, and back with one', () => {
    const world = worldWith();
    for (let poll = 0; poll < 2; poll++) world.say('wb-101', { type: 'noAnswer' });
    world.say('wb-101', { type: 'alive' });
    for (let poll = 0; poll < 2; poll++) world.say('wb-101', { type: 'noAnswer' });
    expect([...world.troubles]).toEqual([]);
    world.say('wb-101', { type: 'noAnswer' });
    expect([...world.troubles]).toEqual(['deviceMissing.wb-101']);
    for (let poll = 0; poll < 20; poll++) world.say('wb-101', { type: 'noAnswer' });
    expect(world.told).toHaveLength(1);
    world.say('wb-101', { type: 'alive' });
    expect([...world.troubles]).toEqual([]);
  });

  test('with a fault says so until it is gone', () => {
    const world = worldWith();
    world.say('wb-101', { type: 'fault', detail: 'has no input 12' });
    expect(world.told).toEqual(['Device fault: wb-101, Main building, Floor 1, Rm 101']);
    expect(world.details).toEqual(['has no input 12']);
    world.say('wb-101', { type: 'fault' });
    expect([...world.troubles]).toEqual([]);
  });
});
