import { describe, expect, test } from 'vitest';
import type { Site } from '../../gateway/core/site.ts';
import { MINUTE, runningSchool, SECOND, school } from './school.ts';
import { standing } from './troubles.ts';
import type { World } from './world.ts';

const HOUR = 60 * MINUTE;
const LIMIT = 10 * MINUTE;
const TROUBLE = /^clockUnsynchronised: Clock not synchronised/;

function kernelSays(world: World, isSynchronised: boolean): void {
  world.give({ type: 'clock', isSynchronised });
}

/** A school where a clock may be unsynchronised for ten minutes. */
function worldOf(seed: number): World {
  const world = runningSchool(seed);
  world.reload(limited(LIMIT));
  return world;
}

function limited(unsynchronisedMs: number): Site {
  const site = school();
  return { ...site, deadlines: { ...site.deadlines, unsynchronisedMs } };
}

describe('a clock that follows no time server', () => {
  test('is a trouble after the time that site.yaml allows, and the trouble ends when it follows one again', () => {
    const world = worldOf(1);
    kernelSays(world, false);
    world.run(9 * MINUTE);
    expect(standing(world)).toEqual([]);
    world.run(MINUTE);
    expect(standing(world)).toEqual([expect.stringMatching(TROUBLE)]);
    kernelSays(world, true);
    world.run(SECOND);
    expect(standing(world)).toEqual([]);
  });

  test('is none while it follows one from time to time', () => {
    const world = worldOf(2);
    for (let time = 0; time < 3; time++) {
      kernelSays(world, false);
      world.run(9 * MINUTE);
      kernelSays(world, true);
      world.run(MINUTE);
    }
    expect(world.troubles.filter(({ type }) => type === 'clockUnsynchronised')).toEqual([]);
  });

  test('stands over a restart until the kernel says otherwise, and is told once', () => {
    const world = worldOf(3);
    kernelSays(world, false);
    world.run(11 * MINUTE);
    world.crash();
    world.startGateway(limited(LIMIT));
    kernelSays(world, false);
    world.run(11 * MINUTE);
    expect(standing(world)).toEqual([expect.stringMatching(TROUBLE)]);
    const told = [...(world.receivers.get('central')?.displayed.keys() ?? [])];
    expect(told.filter((id) => id.startsWith('clockUnsynchronised'))).toHaveLength(1);
    kernelSays(world, true);
    world.run(SECOND);
    expect(standing(world)).toEqual([]);
  });

  test('a reload that allows less counts from when the clock was lost', () => {
    const world = worldOf(4);
    kernelSays(world, false);
    world.run(5 * MINUTE);
    world.reload(limited(4 * MINUTE));
    world.run(SECOND);
    expect(standing(world)).toEqual([expect.stringMatching(TROUBLE)]);
  });

  test('that is set by hand is no trouble, and the log says by how much', () => {
    const world = runningSchool(5);
    world.clock.wallOffsetMs += HOUR;
    world.run(MINUTE);
    expect(standing(world)).toEqual([]);
    const records = world.journal.records.filter(({ t }) => t === 'clockSet');
    expect(records).toMatchObject([{ byMs: HOUR }]);
  });
});
