import { describe, expect, test } from 'vitest';
import type { ButtonReading } from '../../gateway/core/signal.ts';
import { UnnumberedWorld } from './unnumbered-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/**
 * Shelly Gen1 (i3, Button1): every 30 s the last event is published again, with the same number.
 */
describe('a button whose events are counted', () => {
  test('is one alert for each number, however often an event is published again', () => {
    const world = new UnnumberedWorld();
    for (let time = 0; time < 3; time++) {
      world.counted('4');
      world.run(30 * SECOND);
    }
    world.counted('5');
    expect(world.alerts).toBe(2);
  });

  test.each(['stop', 'crash'] as const)('a restart (%s) makes no alert of what is published again', (how) => {
    const world = new UnnumberedWorld();
    world.counted('4');
    world.run(SECOND);
    world.restart(how);
    for (let time = 0; time < 3; time++) {
      world.run(30 * SECOND);
      world.counted('4');
    }
    expect(world.alerts).toBe(1);
    world.counted('5');
    expect(world.alerts).toBe(2);
    expect(world.told).toEqual([]);
  });

  test('a restart a week later neither, and not one after that', () => {
    const world = new UnnumberedWorld();
    world.counted('4');
    for (let day = 0; day < 7; day++) {
      world.run(24 * 60 * MINUTE);
      world.restart('stop');
    }
    world.restart('crash');
    world.counted('4');
    expect(world.alerts).toBe(1);
  });

  test('a press that was made while the gateway was down is late, and an alert; its age is said to be unknown', () => {
    const world = new UnnumberedWorld();
    world.counted('4');
    world.run(MINUTE);
    world.restart('stop');
    world.run(20 * SECOND);
    world.counted('5');
    expect(world.alerts).toBe(2);
    expect(world.told).toEqual([expect.stringMatching(/^Press of unknown age: wb-101 button-0, .*Rm 101/)]);
    world.run(30 * SECOND);
    world.counted('5');
    world.counted('6');
    expect([world.alerts, world.told.length]).toEqual([3, 1]);
  });

  test('so is one that was made while the broker could not be reached, or the device', () => {
    for (const lost of ['input', 'device'] as const) {
      const world = new UnnumberedWorld();
      world.counted('4');
      world.lose(lost);
      world.run(MINUTE);
      world.find(lost);
      world.counted('5');
      expect(world.alerts).toBe(2);
      expect(world.told.filter((text) => text.startsWith('Press of unknown age'))).toHaveLength(1);
    }
  });

  test('a press long after the start is not said to be old', () => {
    const world = new UnnumberedWorld();
    world.counted('4');
    expect([world.alerts, world.told]).toEqual([1, []]);
    world.restart('stop');
    world.run(2 * MINUTE);
    world.counted('5');
    expect([world.alerts, world.told]).toEqual([2, []]);
  });

  test('a device that restarts counts from the beginning, and is heard', () => {
    const world = new UnnumberedWorld();
    for (const mark of ['1', '2', '3']) world.counted(mark);
    world.run(20 * SECOND);
    world.counted('0', 'release', '');
    for (const mark of ['1', '1', '2']) world.counted(mark);
    expect(world.alerts).toBe(5);
  });

  test('the last number again after a silence is no alert, and is told: a packet id may have come round', () => {
    const world = new UnnumberedWorld();
    world.counted('4');
    for (let time = 0; time < 40; time++) {
      world.run(30 * SECOND);
      world.counted('4');
    }
    expect(world.told).toEqual([]);
    world.run(16 * MINUTE);
    world.counted('4');
    expect(world.alerts).toBe(1);
    expect(world.told).toEqual([expect.stringMatching(/^Press taken for a repeat: wb-101 button-0, .*Rm 101/)]);
    world.run(16 * MINUTE);
    world.restart('stop');
    world.counted('4');
    expect(world.told).toHaveLength(1);
  });

  test('a message without the number is taken by the quiet time, and told once', () => {
    const world = new UnnumberedWorld();
    const bare = { by: 'time', withinMs: 3_000, markMissing: 'event_cnt' } as const;
    for (let time = 0; time < 3; time++) {
      world.say({ repeats: bare });
      world.run(SECOND);
    }
    expect(world.alerts).toBe(1);
    expect(world.told).toEqual([expect.stringMatching(/^Message not understood: wb-101, /)]);
    expect(world.details).toContainEqual(expect.stringContaining('event_cnt'));
  });

  test('an event that the broker had retained before anything was heard raises nothing, nor does its repeat', () => {
    const world = new UnnumberedWorld();
    world.counted('9', 'single', 'S', true);
    world.counted('9');
    expect([world.alerts, world.told]).toEqual([0, []]);
  });

  test('a retained press that was never heard is told at once, and is an alert if the device says it again', () => {
    const world = new UnnumberedWorld();
    world.counted('4');
    world.run(MINUTE);
    world.restart('stop');
    world.counted('5', 'single', 'S', true);
    expect(world.alerts).toBe(1);
    expect(world.told).toEqual([
      expect.stringMatching(/^Button pressed at an unknown time: wb-101 button-0, .*go there/),
    ]);
    world.restart('stop');
    world.counted('5', 'single', 'S', true);
    expect(world.told).toHaveLength(1);
    world.counted('5');
    expect(world.alerts).toBe(2);
  });

  test('a device that marks every message costs no record each', () => {
    const world = new UnnumberedWorld();
    world.counted('0');
    world.run(SECOND);
    const before = world.written;
    for (let mark = 1; mark < 1_000; mark++) world.counted(String(mark), 'release', '');
    expect(world.written - before).toBe(1);
    world.counted('1000');
    world.run(SECOND);
    world.restart('crash');
    world.counted('1000');
    expect(world.alerts).toBe(2);
  });
});

describe('a button whose events nothing marks', () => {
  test('a click that arrives four times within seconds is one alert; a press after the quiet time is another', () => {
    const world = new UnnumberedWorld();
    for (let time = 0; time < 4; time++) {
      world.uncounted('single');
      world.run(500);
    }
    expect(world.alerts).toBe(1);
    world.run(3 * SECOND);
    world.uncounted('single');
    expect(world.alerts).toBe(2);
  });

  test('another pattern is new at once', () => {
    const world = new UnnumberedWorld();
    for (const pattern of ['single', 'double', 'long'] as const) world.uncounted(pattern);
    expect(world.alerts).toBe(3);
  });

  test('one that repeats itself for ever is one alert, and is told', () => {
    const world = new UnnumberedWorld();
    for (let time = 0; time < 60; time++) {
      world.uncounted('single');
      world.run(2 * SECOND);
    }
    expect(world.alerts).toBe(1);
    expect(world.told).toEqual([expect.stringMatching(/^Button repeats itself: wb-101 button-0, .*Rm 101/)]);
  });
});

/** A latching button on ESPHome: its state is published again at each connection. */
describe('a button whose topic carries its state', () => {
  test('is one alert for each change to pressed, however often the state comes again', () => {
    const world = new UnnumberedWorld();
    for (const state of ['OFF', 'ON', 'ON', 'ON', 'OFF', 'OFF', 'ON']) {
      world.run(SECOND);
      world.state(state);
    }
    expect(world.alerts).toBe(2);
  });

  test.each(['stop', 'crash'] as const)('stands pressed over a restart (%s): no second alert', (how) => {
    const world = new UnnumberedWorld();
    world.state('ON');
    world.run(SECOND);
    world.restart(how);
    world.state('ON', true);
    world.state('ON');
    expect(world.alerts).toBe(1);
    expect(world.told).toEqual([]);
  });

  test.each([true, false])('was pressed while the gateway was down: an alert (retained: %s)', (retained) => {
    const world = new UnnumberedWorld();
    world.state('OFF');
    world.run(MINUTE);
    world.restart('stop');
    world.state('ON', retained);
    expect(world.alerts).toBe(1);
    expect(world.told).toEqual([expect.stringMatching(/^Press of unknown age/)]);
  });

  test('stands pressed by what the broker kept, and was never heard before: a notice, and no alert', () => {
    const world = new UnnumberedWorld();
    world.state('ON', true);
    world.state('ON');
    expect(world.alerts).toBe(0);
    expect(world.told).toEqual([expect.stringMatching(/^Button pressed at an unknown time/)]);
  });

  test('that toggles: each change is a press', () => {
    const world = new UnnumberedWorld();
    for (const state of ['ON', 'OFF', 'OFF', 'ON']) {
      world.run(SECOND);
      world.toggle(state);
    }
    expect(world.alerts).toBe(3);
  });

  test('one doubt does not keep another from being told', () => {
    const world = new UnnumberedWorld();
    for (const state of ['OFF', 'ON', 'OFF', 'ON']) {
      world.state(state);
      world.run(20);
    }
    world.state('OFF');
    world.run(SECOND);
    world.restart('stop');
    world.state('ON', true);
    expect(world.told).toEqual([
      expect.stringMatching(/^Press taken for bouncing/),
      expect.stringMatching(/^Press of unknown age/),
    ]);
  });

  test('that bounces is one alert, and what was taken for bouncing is told', () => {
    const world = new UnnumberedWorld();
    world.state('OFF');
    world.run(SECOND);
    for (const state of ['ON', 'OFF', 'ON', 'OFF', 'ON']) {
      world.state(state);
      world.run(20);
    }
    expect(world.alerts).toBe(1);
    expect(world.told).toEqual([expect.stringMatching(/^Press taken for bouncing: wb-101 button-0/)]);
  });
});

describe('a value that nothing names', () => {
  test('is told as a press that was not understood, and not again when it is only published again', () => {
    const world = new UnnumberedWorld();
    for (let time = 0; time < 5; time++) {
      world.counted('4', 'notUnderstood', 'LS');
      world.run(30 * SECOND);
    }
    expect(world.alerts).toBe(0);
    expect(world.told).toEqual([expect.stringMatching(/^Press not understood: wb-101, .*Rm 101$/)]);
    expect(world.details).toContainEqual(expect.stringContaining('event is "LS"'));
    world.counted('5', 'notUnderstood', 'LS');
    world.run(MINUTE);
    expect(world.told).toHaveLength(2);
  });
});

test('several presses in one message are several alerts with ids of their own', () => {
  const world = new UnnumberedWorld();
  const event = (mark: string, means: ButtonReading['means']) =>
    world.reading({ means, repeats: { by: 'mark', mark } });
  world.sayAll([event('1.0', 'release'), event('2.0', 'single'), event('3.0', 'long')]);
  world.sayAll([event('2.0', 'single'), event('3.0', 'long')]);
  const [session, counter] = world.ids[0]?.split('.').slice(1) ?? [];
  expect(world.ids).toEqual([`wb-101.${session}.${counter}`, `wb-101.${session}.${counter}.2`]);
});
