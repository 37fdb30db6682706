import { expect, test } from 'vitest';
import { MINUTE, ROOMS, runningSchool, SECOND } from './school.ts';

/** Number of reports that the disk is behind in a storm: a card that stalls for a moment. */
const STORM_ROUNDS = 40;

test('a press that a kill catches between its first byte and the disk keeps its id, gets a second number, and no number says two things', () => {
  const world = runningSchool(41);
  world.run(MINUTE);
  world.weather.journalStuck = true;
  for (let round = 0; round < STORM_ROUNDS; round++) {
    for (const room of ROOMS) world.press(room, 1);
    world.run(SECOND);
  }
  const id = world.press('wb-101', 1) ?? '';
  const sent = () => world.sends.filter(({ report, path }) => report === id && path === 'central');
  while (sent().length === 0) world.run(1);
  world.crash();
  const before = world.sends.length;
  world.weather.journalStuck = false;
  world.startGateway();
  world.run(MINUTE);

  // The node got no answer and repeated its press. By its id it is the same alert for the desk.
  expect([...(world.receivers.get('central')?.displayed.keys() ?? [])].filter((each) => each === id)).toEqual([id]);
  const [first, second] = [...new Set(sent().map(({ sequence }) => sequence))];
  expect(second).toBeDefined();
  expect(second).not.toBe(first);
  const numbers = new Map<number, Set<string>>();
  for (const { path, report, sequence } of world.sends) {
    if (path !== 'central' || report === 'poll') continue;
    numbers.set(sequence, (numbers.get(sequence) ?? new Set()).add(report));
  }
  expect([...numbers.values()].filter((reports) => reports.size > 1)).toEqual([]);
  expect(before).toBeGreaterThan(STORM_ROUNDS * ROOMS.length);
});

test('two starts in a row that find no journal give no number twice', () => {
  const world = runningSchool(42);
  world.weather.journalStuck = true;
  const before = world.sends.length;
  for (let start = 0; start < 2; start++) {
    world.crash();
    world.startBlind();
    for (const room of ROOMS) world.press(room, 1);
    world.run(10 * SECOND);
  }
  const numbers = new Map<number, Set<string>>();
  for (const { path, report, sequence } of world.sends.slice(before)) {
    if (path !== 'central' || report === 'poll') continue;
    numbers.set(sequence, (numbers.get(sequence) ?? new Set()).add(report));
  }
  expect(numbers.size).toBeGreaterThanOrEqual(2 * ROOMS.length);
  expect([...numbers.values()].filter((reports) => reports.size > 1)).toEqual([]);
});
