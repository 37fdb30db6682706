import { expect, test } from 'vitest';
import { MINUTE, SECOND } from './school.ts';
import { device, path, site } from './site.ts';
import { World } from './world.ts';

function quietSchool(): World {
  const world = new World(site([device(101, { silent: true }), device(102)], [path('central')]), 1);
  world.startGateway();
  world.startNodes();
  world.run(SECOND);
  return world;
}

test('at a silent wall nothing is shown, while the press is accepted all the same; other walls show theirs', () => {
  const world = quietSchool();
  const quiet = world.press('wb-101', 0) ?? '';
  world.press('wb-102', 0);
  world.run(SECOND);
  expect(world.published.get(quiet)?.state).toBe('acknowledged');
  expect(world.node('wb-101').led).toBe('off');
  expect(world.node('wb-102').led).toBe('green');
});

test('a node that was restarted is told again to be silent, at its next heartbeat at the latest', () => {
  const world = quietSchool();
  world.stepNode('wb-101', { type: 'restart' });
  expect(world.node('wb-101').isSilent).toBe(false);
  world.run(MINUTE);
  expect(world.node('wb-101').isSilent).toBe(true);
});
