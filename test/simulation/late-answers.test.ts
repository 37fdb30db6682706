import { describe, expect, test } from 'vitest';
import { MINUTE, runningSchool, SECOND } from './school.ts';

/**
 * A press is NOT CONFIRMED, and a gateway that is killed 11 s later keeps nothing of it. The seed
 * decides what the disk has.
 */
function lostWithTheGateway() {
  for (let seed = 1; seed <= 20; seed++) {
    const world = runningSchool(seed);
    world.weather.journalStuck = true;
    for (const desk of world.receivers.values()) desk.behave({ hangs: true });
    const id = world.press('wb-101', 0) ?? '';
    world.run(11 * SECOND);
    expect(world.node('wb-101').led).toBe('red');
    world.crash();
    if (world.undurable.has(id)) return { world, id };
  }
  throw new Error('the disk had it each time');
}

test('a press told not confirmed, and lost with the gateway before it was durable, reaches a gateway that returns hours later', () => {
  const { world, id } = lostWithTheGateway();
  world.run(150 * MINUTE);
  world.weather.journalStuck = false;
  for (const desk of world.receivers.values()) desk.behaveWell();
  world.startGateway();
  world.run(10 * SECOND);
  expect(world.published.get(id)?.state).toBe('acknowledged');
  expect(world.node('wb-101').led).toBe('green');
});

test('a device whose press can’t be answered yet is not taken for missing: its calls are all it sends', () => {
  const world = runningSchool(2);
  world.weather.journalStuck = true;
  for (const desk of world.receivers.values()) desk.behave({ hangs: true });
  world.press('wb-101', 0);
  const missing = () => world.troubles.filter((each) => each.type === 'deviceMissing' && each.state === 'standing');
  world.run(10 * MINUTE);
  expect(missing()).toEqual([]);
  world.weather.lineLoss = 1;
  world.run(91 * SECOND);
  expect(missing()).toHaveLength(6);
});

describe('an enquiry about a press that 64 newer frames have overtaken', () => {
  /** No receiver confirms a press, and the door of its room moves 80 times. */
  function overtaken(seed: number) {
    const world = runningSchool(seed);
    for (const desk of world.receivers.values()) desk.behave({ hangs: true });
    const id = world.press('wb-101', 0) ?? '';
    const press = world.recorded.at(-1) ?? new Uint8Array();
    world.run(11 * SECOND);
    for (let move = 0; move < 80; move++) {
      world.stepNode('wb-101', { type: 'point', point: 0, active: move % 2 === 0 });
      world.run(300);
    }
    return { world, id, press };
  }

  test('is answered: the wall turns green though the gateway’s own word of it was lost', () => {
    const { world, id } = overtaken(1);
    expect(world.node('wb-101').led).toBe('red');
    world.weather.lineLoss = 1;
    for (const desk of world.receivers.values()) desk.behaveWell();
    world.run(MINUTE);
    expect(world.published.get(id)?.state).toBe('acknowledged');
    expect(world.node('wb-101').led).toBe('red');
    world.weather.lineLoss = 0;
    world.run(12 * SECOND);
    expect(world.node('wb-101').led).toBe('green');
  });

  test('is answered by a gateway that was killed in between as well', () => {
    const { world, id } = overtaken(2);
    world.crash();
    for (const desk of world.receivers.values()) desk.behaveWell();
    world.startGateway();
    world.weather.lineLoss = 1;
    world.run(MINUTE);
    world.weather.lineLoss = 0;
    world.run(12 * SECOND);
    expect(world.published.get(id)?.state).toBe('acknowledged');
    expect(world.node('wb-101').led).toBe('green');
  });

  test('raises nothing, is sent to nobody and proves no life, however often it is played again', () => {
    const { world, id, press } = overtaken(3);
    for (const desk of world.receivers.values()) desk.behaveWell();
    world.run(MINUTE);
    const resolve = { command: 'resolve', alert: id, reason: 'police on site', by: 'desk' } as const;
    world.give({ type: 'command', command: resolve });
    world.run(SECOND);
    const sends = world.sends.filter((each) => each.report !== 'poll').length;
    const before = world.published.get(id);
    world.weather.lineLoss = 1;
    for (let second = 0; second < 100; second++) {
      world.inject(press);
      world.run(SECOND);
    }
    expect(world.published.get(id)).toEqual(before);
    expect(world.published.size).toBe(1);
    const later = world.sends.filter((each) => each.report !== 'poll').slice(sends);
    expect(later.filter((each) => each.report.startsWith('wb-'))).toEqual([]);
    expect(world.troubles.filter((each) => each.type === 'deviceMissing' && each.text.includes('wb-101'))).toHaveLength(
      1,
    );
  });

  test('is dropped if the gateway never heard the press: a recording kept back is no alert', () => {
    const world = runningSchool(4);
    world.weather.lineLoss = 1;
    world.press('wb-101', 0);
    const press = world.recorded.at(-1) ?? new Uint8Array();
    const body = { type: 'point', point: 0, active: true } as const;
    const identity = { epoch: 1, counter: 1000 };
    const capturedMs = world.clock.nowMs;
    const signal = { input: 'bus-1', device: 'wb-101', authenticated: true, capturedMs, identity, body };
    world.give({ type: 'signal', signal });
    world.inject(press);
    world.run(SECOND);
    expect(world.published.size).toBe(0);
    expect(world.trace.join('\n')).toContain('stalePress');
  });

  test('is dropped once the node has started anew: it asks after no press of an earlier start', () => {
    const { world, press } = overtaken(5);
    world.stepNode('wb-101', { type: 'restart' });
    world.run(SECOND);
    const stale = () => world.trace.filter((line) => line.includes('stalePress')).length;
    expect(stale()).toBe(0);
    world.inject(press);
    expect(stale()).toBe(1);
  });
});
