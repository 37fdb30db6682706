import { expect, test } from 'vitest';
import type { SensorWorld } from './sensor-world.ts';
import { device } from './site.ts';
import { ready, STOP, start } from './walk-test-school.ts';

const RESOLVE = { command: 'resolve', reason: 'over', by: 'cli:maria' } as const;
const DRILL = { command: 'drill', action: 'start', scope: 'site', minutes: 15, reason: 'autumn', by: 'maria' } as const;

/** Seconds after the school's start, as a message shows them. */
const since = (world: SensorWorld) => new Date(world.clock.now.wallMs).toISOString();

test('a gateway at rest may stop for an update', () => {
  expect(ready().obstaclesToUpdate()).toEqual([]);
});

test.each([true, false])('an alert is in the way until a person has ended it; acknowledged: %s', (receiverAnswers) => {
  const world = ready();
  world.receiverAnswers = receiverAnswers;
  const at = since(world);
  const alert = world.press('wb-101', 1);
  world.press('wb-102', 1);
  world.run(1_000);
  const [text, ...more] = world.obstaclesToUpdate();
  expect(more).toEqual([]);
  expect(text).toBe(
    `alert ${alert} (Hold-up, Main building, Floor 1, Rm 101) is open since ${at}, and 1 more: when it is over, callpoint resolve ${alert} --reason "..." ends it`,
  );
  world.command({ ...RESOLVE, alert });
  expect(world.obstaclesToUpdate()).toEqual([expect.stringContaining('alert wb-102.1.1 (')]);
  world.command({ ...RESOLVE, alert: 'wb-102.1.1' });
  // Without an answer the receiver is still owed both alerts: the journal keeps them.
  expect(world.obstaclesToUpdate()).toEqual([]);
});

test('an alert of an earlier run is in the way as well', () => {
  const world = ready();
  const alert = world.press('wb-101', 1);
  world.run(1_000);
  world.start();
  expect(world.obstaclesToUpdate()).toEqual([expect.stringContaining(alert)]);
});

test('nothing is in the way for ever: the gateway ends an acknowledged alert itself', () => {
  const world = ready();
  world.press('wb-101', 1);
  world.run(24 * 3_600_000 - 1);
  expect(world.obstaclesToUpdate()).toHaveLength(1);
  world.run(1_000);
  expect(world.obstaclesToUpdate()).toEqual([]);
});

test('a drill is in the way, and its alerts are not told beside it', () => {
  const world = ready();
  const at = since(world);
  world.command(DRILL);
  world.press('wb-101', 1);
  world.run(1_000);
  expect(world.obstaclesToUpdate()).toEqual([expect.stringContaining(`a drill runs in site since ${at}, until `)]);
  world.command({ ...DRILL, action: 'stop', minutes: 0 });
  expect(world.obstaclesToUpdate()).toEqual([]);
});

test('a walk test is in the way', () => {
  const world = ready();
  const at = since(world);
  start(world);
  expect(world.obstaclesToUpdate()).toEqual([expect.stringContaining(`a walk test runs in building:A since ${at}`)]);
  world.command(STOP);
  expect(world.obstaclesToUpdate()).toEqual([]);
});

test('a press that is no alert yet is in the way until it is one', () => {
  const tag = device(301, { counterOnly: true, heartbeatMs: 0 });
  const world = ready({ devices: new Map([[tag.id, tag]]), doors: [] });
  world.counted(tag.id, 1);
  expect(world.obstaclesToUpdate()).toEqual(['a press is being heard just now: try again in 5 s']);
  world.run(1_000);
  expect(world.obstaclesToUpdate()).toEqual([expect.stringContaining('alert wb-301.')]);
});
