import type { Path } from '../../gateway/core/site.ts';
import { device, path, site } from './site.ts';
import { World } from './world.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

/** Six rooms, wb-101…wb-106, on one bus, up and settled. */
export function runningSchool(seed: number, paths: readonly Path[] = [path('central'), path('backup')]): World {
  const rooms = Array.from({ length: 6 }, (_, index) => device(101 + index));
  const world = new World(site(rooms, paths), seed);
  world.startGateway();
  world.startNodes();
  world.run(SECOND);
  return world;
}
