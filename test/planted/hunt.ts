import type { Lived } from '../../device-sim/swarm/run-life.ts';
import { patchedSwarm, type Swarm } from './patched-swarm.ts';
import type { PlantedBug } from './planted-bug.ts';

/** What the swarm has seen of one bug. */
export interface Hunted {
  readonly bug: PlantedBug;
  /** The seed whose life breaks a promise; `undefined`: none does. */
  readonly seed: number | undefined;
  /** The first promise that it breaks. */
  readonly promise: string;
  readonly what: string;
}

/** The swarm without a bug: what a seed breaks there, no bug has broken. */
export class Control {
  readonly #swarm: Swarm;
  readonly #broken = new Map<number, boolean>();

  private constructor(swarm: Swarm) {
    this.#swarm = swarm;
  }

  static async make(): Promise<Control> {
    return new Control(await patchedSwarm([]));
  }

  /** True if every promise holds in the life of this seed. */
  async holds(seed: number): Promise<boolean> {
    const known = this.#broken.get(seed);
    if (known !== undefined) return !known;
    await this.#swarm.live(seed, 1, ({ broken }) => {
      this.#broken.set(seed, broken.length > 0);
      return true;
    });
    return this.#broken.get(seed) === false;
  }

  /** Seeds that break a promise without any bug. */
  get broken(): readonly number[] {
    return [...this.#broken].flatMap(([seed, isBroken]) => (isBroken ? [seed] : []));
  }
}

/** Lives seeds with the bug until a promise is broken that holds without it. */
export async function hunt(bug: PlantedBug, first: number, seeds: number, control: Control): Promise<Hunted> {
  const swarm = await patchedSwarm([bug]);
  for (let next = first; next < first + seeds; ) {
    let found: Lived | undefined;
    await swarm.live(next, first + seeds - next, (one) => {
      if (found === undefined && one.broken.length > 0) found = one;
      return found === undefined;
    });
    if (found === undefined) break;
    const { seed, broken } = found as Lived;
    next = seed + 1;
    if (!(await control.holds(seed))) continue;
    const { promise = '', what = '' } = broken[0] ?? {};
    return { bug, seed, promise, what };
  }
  return { bug, seed: undefined, promise: '', what: '' };
}
