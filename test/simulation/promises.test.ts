import { describe, expect, test } from 'vitest';
import { promisesHoldIn } from './life-promises.ts';
import { MINUTE, runningSchool } from './school.ts';
import { NASTY, PLAIN, stormyLife } from './storm.ts';

promisesHoldIn('a stormy life', PLAIN, 1, 12);
promisesHoldIn('a nasty life', NASTY, 1, 10);

test('one seed gives one history', () => {
  expect(stormyLife(7, NASTY).trace).toEqual(stormyLife(7, NASTY).trace);
});

describe('bounded', () => {
  test('the first byte leaves in the very step the press is heard in', () => {
    const world = runningSchool(1);
    const id = world.press('wb-101', 0);
    world.run(30);
    expect(world.published.get(id ?? '')?.timeline.sent).toBe(0);
  });

  test('a second path joins after 3 s without an acknowledgement', () => {
    const world = runningSchool(2);
    world.receivers.get('central')?.behave({ hangs: true });
    const pressedMs = world.clock.nowMs;
    const id = world.press('wb-101', 0) ?? '';
    world.run(2900);
    expect(world.receivers.get('backup')?.displayed.has(id)).toBe(false);
    world.run(200);
    const joinedMs = (world.receivers.get('backup')?.firstMs.get(id) ?? Number.NaN) - pressedMs;
    expect(joinedMs).toBeGreaterThanOrEqual(3000);
    expect(joinedMs).toBeLessThan(3050);
  });

  test('a second path joins at once when the first refuses the connection, or is known to be down', () => {
    const world = runningSchool(3);
    world.receivers.get('central')?.behave({ refuses: true });
    const first = world.press('wb-101', 0) ?? '';
    world.run(100);
    expect(world.receivers.get('backup')?.displayed.has(first)).toBe(true);
    world.run(2 * MINUTE);
    world.receivers.get('central')?.behave({ refuses: false, hangs: true });
    const second = world.press('wb-102', 0) ?? '';
    world.run(100);
    expect(world.receivers.get('backup')?.displayed.has(second)).toBe(true);
  });

  test('NOT CONFIRMED is shown 10 s after a press nobody acknowledged, at the wall too, and sending goes on until it is', () => {
    const world = runningSchool(4);
    for (const desk of world.receivers.values()) desk.behave({ hangs: true });
    const id = world.press('wb-101', 0) ?? '';
    world.run(9900);
    expect(world.published.get(id)?.not_confirmed).toBe(false);
    world.run(150);
    expect(world.published.get(id)?.not_confirmed).toBe(true);
    expect(world.node('wb-101').led).toBe('red');
    world.run(60 * MINUTE);
    for (const desk of world.receivers.values()) desk.behaveWell();
    world.run(MINUTE);
    expect(world.published.get(id)).toMatchObject({ state: 'acknowledged', not_confirmed: false });
    expect(world.node('wb-101').led).toBe('green');
  });

  test('a storm of presses while the receiver is slow leaves in order, over all connections at once', () => {
    const world = runningSchool(5);
    world.receivers.get('central')?.behave({ delayMs: [100, 100] });
    for (let room = 101; room <= 106; room++) for (const button of [0, 1]) world.press(`wb-${room}`, button);
    world.run(400);
    expect(
      [...(world.receivers.get('central')?.displayed.keys() ?? [])].filter((id) => id.startsWith('wb-')),
    ).toHaveLength(12);
  });
});
