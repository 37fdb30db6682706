import { expect, test } from 'vitest';
import { MINUTE, runningSchool, SECOND } from './school.ts';

test('a press told not confirmed, and lost with the gateway before it was durable, reaches a gateway that returns hours later', () => {
  const world = runningSchool(1);
  world.weather.journalStuck = true;
  for (const desk of world.receivers.values()) desk.behave({ hangs: true });
  const id = world.press('wb-101', 0) ?? '';
  world.run(11 * SECOND);
  expect(world.node('wb-101').led).toBe('red');
  world.crash();
  expect(world.undurable).toContain(id);
  world.run(150 * MINUTE);
  world.weather.journalStuck = false;
  for (const desk of world.receivers.values()) desk.behaveWell();
  world.startGateway();
  world.run(10 * SECOND);
  expect(world.published.get(id)?.state).toBe('acknowledged');
  expect(world.node('wb-101').led).toBe('green');
});
