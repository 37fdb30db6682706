import { randomBelow } from '../../device-sim/random.ts';
import type { Path } from '../../gateway/core/site.ts';
import { MINUTE, ROOMS, runningSchool } from './school.ts';
import { path } from './site.ts';
import { endReloads, reloadSometimes, type SiteEdits } from './site-edits.ts';
import type { WalkStorm } from './walk-storm.ts';
import type { World } from './world.ts';

/** Additional faults of a stormy life. */
export interface StormKinds {
  readonly paths: readonly Path[];
  /**
   * Nodes lose power, wall clocks are set, alerts are resolved and cancelled, and a crash is
   * followed by another within milliseconds.
   */
  readonly nasty: boolean;
  /** The configuration is changed and reloaded at any moment, again and again. */
  readonly reloads?: SiteEdits;
  /** Crews start and stop walk tests of one place or another at any moment. */
  readonly crews?: WalkStorm;
}

export const PLAIN: StormKinds = { paths: [path('central'), path('backup')], nasty: false };

export const NASTY: StormKinds = {
  paths: [
    path('central', { parallel: 1 }),
    path('backup', { parallel: 2, formats: 1 }),
    path('radio', { parallel: 1 }),
  ],
  nasty: true,
};

/** Everything goes wrong at random for a while, with presses in between. Then all faults end. */
export function stormyLife(seed: number, kinds: StormKinds = PLAIN): World {
  const world = runningSchool(seed, kinds.paths);
  const { random, weather, clock } = world;
  const below = (limit: number) => randomBelow(random, limit);
  const room = () => ROOMS[below(ROOMS.length)] ?? '';
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
        const device = room();
        const id = world.press(device, below(2), below(4) === 0 ? 'long' : 'single');
        if (id !== undefined) kinds.crews?.pressed(world, device, id);
      });
    }
    if (below(4) === 0) clock.after(random() * 5000, () => crash(world, kinds.nasty && below(3) === 0));
    if (kinds.nasty) somethingNasty(world, below, room);
    kinds.crews?.walkSometimes(world, below);
    if (kinds.reloads !== undefined) reloadSometimes(world, kinds.reloads, below);
    world.run(5000 + random() * 10_000);
  }
  Object.assign(weather, { lineLoss: 0, lineDuplicate: 0, lineFlip: 0, journalDelayMs: 5, journalStuck: false });
  for (const receiver of world.receivers.values()) receiver.behaveWell();
  kinds.crews?.end(world);
  if (kinds.reloads !== undefined) endReloads(world, kinds.reloads);
  world.run(5 * MINUTE);
  return world;
}

function crash(world: World, again: boolean): void {
  const { random, clock } = world;
  world.crash();
  clock.after(random() * 4000, () => {
    start(world);
    if (!again) return;
    clock.after(random() * 20, () => {
      world.crash();
      clock.after(random() * 4000, () => start(world));
    });
  });
}

/** Crashes may follow each other before the restart after the first one. */
function start(world: World): void {
  if (world.core === undefined) world.startGateway();
}

function somethingNasty(world: World, below: (limit: number) => number, room: () => string): void {
  const { random, clock } = world;
  if (below(5) === 0) clock.after(random() * 5000, () => world.restartIdleNode(room()));
  if (below(10) === 0)
    clock.after(random() * 5000, () => world.stepNode(room(), { type: 'point', point: 2, active: true }));
  if (below(8) === 0) clock.wallOffsetMs += (random() - 0.5) * 10 ** (3 + below(8));
  if (below(3) === 0) {
    clock.after(random() * 5000, () => {
      const open = [...world.published.values()].filter(({ state }) => state !== 'resolved' && state !== 'cancelled');
      const alert = open[below(open.length)]?.id ?? '';
      const command = below(2) === 0 ? 'resolve' : 'cancel';
      world.give({ type: 'command', command: { command, alert, reason: 'over', by: 'desk' } });
    });
  }
}
