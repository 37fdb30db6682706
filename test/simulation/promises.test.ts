import { beforeAll, describe, expect, test } from 'vitest';
import { randomBelow } from '../../device-sim/random.ts';
import { MINUTE, runningSchool } from './school.ts';
import type { World } from './world.ts';

/** Everything goes wrong at random for a while, with presses in between; then the weather clears. */
function stormyLife(seed: number): World {
  const world = runningSchool(seed);
  const { random, weather, clock } = world;
  const below = (limit: number) => randomBelow(random, limit);
  for (let turn = 0; turn < 40; turn++) {
    weather.lineLoss = random() * 0.5;
    weather.lineDuplicate = random() * 0.3;
    weather.lineFlip = random() * 0.2;
    weather.journalDelayMs = below(3) === 0 ? 3000 : 20;
    weather.journalStuck = below(12) === 0;
    for (const receiver of world.receivers.values()) {
      receiver.behave({
        refuses: below(4) === 0,
        hangs: below(5) === 0,
        losesRequest: random() * 0.3,
        losesAnswer: random() * 0.4,
        delayMs: [1, below(2) === 0 ? 30 : 6000],
        clockErrorMs: below(6) === 0 ? 120_000 : 0,
        refusesNull: below(3) === 0,
      });
    }
    const presses = below(6) === 0 ? 12 : below(3);
    for (let press = 0; press < presses; press++) {
      clock.after(random() * 5000, () => {
        world.press(`wb-${101 + below(6)}`, below(2), below(4) === 0 ? 'long' : 'single');
      });
    }
    if (below(4) === 0) {
      clock.after(random() * 5000, () => {
        world.crash();
        clock.after(random() * 4000, () => world.startGateway());
      });
    }
    world.run(5000 + random() * 10_000);
  }
  Object.assign(weather, { lineLoss: 0, lineDuplicate: 0, lineFlip: 0, journalDelayMs: 5, journalStuck: false });
  for (const receiver of world.receivers.values()) receiver.behaveWell();
  world.run(5 * MINUTE);
  return world;
}

describe.each(Array.from({ length: 20 }, (_, index) => index + 1))('a stormy life, seed %i', (seed) => {
  let world: World;
  beforeAll(() => {
    world = stormyLife(seed);
  });

  test('no press is lost, none is doubled, none is invented, and the wall shows each accepted', () => {
    const desks = [...world.receivers.values()];
    const alarmsShown = new Set(
      desks.flatMap((desk) => [...desk.displayed.keys()]).filter((id) => id.startsWith('wb-')),
    );
    expect(world.pressed.length).toBeGreaterThan(20);
    expect([...alarmsShown].sort()).toEqual([...world.pressed].sort());
    for (const id of world.pressed) expect(world.published.get(id)?.state).toBe('acknowledged');
  });

  test('a report keeps its sequence number over retries and restarts, and no number comes back with other content', () => {
    for (const desk of world.receivers.values()) {
      const contentOf = new Map<number, string>();
      for (const [id, sequences] of desk.displayed) {
        if (!world.undurable.has(id)) expect(new Set(sequences).size, `${id} came with ${sequences}`).toBe(1);
        for (const sequence of new Set(sequences)) {
          expect(contentOf.get(sequence), `number ${sequence} is also ${id}'s`).toBeUndefined();
          contentOf.set(sequence, id);
        }
      }
    }
  });
});

test('one seed gives one history', () => {
  expect(stormyLife(7).trace).toEqual(stormyLife(7).trace);
});

describe('bounded', () => {
  test('the first byte leaves in the very step the press is heard in', () => {
    const world = runningSchool(1);
    const id = world.press('wb-101', 0);
    world.run(10);
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
