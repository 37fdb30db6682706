import type { Path, Site } from '../../gateway/core/site.ts';
import { device, path, site } from './site.ts';
import { World } from './world.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

const NUMBERS = [101, 102, 103, 104, 105, 106];
export const ROOMS: readonly string[] = NUMBERS.map((number) => `wb-${number}`);

export function school(paths: readonly Path[] = [path('central'), path('backup')]): Site {
  return site(
    NUMBERS.map((number) => device(number)),
    paths,
  );
}

/** Six rooms, wb-101…wb-106, on one bus, up and settled. */
export function runningSchool(seed: number, paths?: readonly Path[]): World {
  const world = new World(school(paths), seed);
  world.startGateway();
  world.startNodes();
  world.run(SECOND);
  return world;
}
