import { randomBelow } from '../../device-sim/random.ts';
import { MachineLines } from '../simulation/machine-lines.ts';
import { device, path, site } from '../simulation/site.ts';
import { World } from '../simulation/world.ts';

const FIRST_NUMBER = 101;
const SETTLE_MS = 10_000;
/** Two presses of a room are further apart, so that each is a press of its own. */
const APART_MS = 1_000;

export interface Lived {
  readonly world: World;
  readonly lines: MachineLines | undefined;
  /** Presses by a person, of each device. */
  readonly presses: ReadonlyMap<string, number>;
}

interface Life {
  readonly nodes: number;
  readonly seconds: number;
  readonly seed: number;
  readonly isFirmware: boolean;
  readonly losses: number;
  /** Called when every node has started and been heard. */
  readonly onSettled?: () => void;
}

/** Nodes on several lines, up and settled. */
function settledWorld({ nodes, seed, isFirmware }: Pick<Life, 'nodes' | 'seed' | 'isFirmware'>) {
  const devices = Array.from({ length: nodes }, (_, at) => device(FIRST_NUMBER + at));
  const lines = isFirmware ? new MachineLines() : undefined;
  const world = new World(site(devices, [path('central'), path('backup')]), seed, lines);
  world.startGateway();
  world.startNodes();
  world.run(SETTLE_MS);
  return { world, lines, ids: devices.map(({ id }) => id) };
}

/**
 * A life of presses, losses and restarts. The presses come at the same times whatever the nodes
 * are.
 */
export function live(life: Life): Lived {
  const { world, lines, ids } = settledWorld(life);
  life.onSettled?.();
  const plan = planOf(life, ids);
  const presses = new Map<string, number>();
  Object.assign(world.weather, { lineLoss: life.losses, lineFlip: life.losses / 2, lineDuplicate: life.losses / 2 });
  for (const { atMs, device: id, what } of plan) {
    world.clock.after(atMs, () => {
      if (what === 'restart') {
        if (lines === undefined) world.restartIdleNode(id);
        else lines.restart(id);
        return;
      }
      presses.set(id, (presses.get(id) ?? 0) + 1);
      world.press(id, 0);
      if (lines === undefined) world.clock.after(120, () => world.stepNode(id, { type: 'release', button: 0 }));
    });
  }
  world.run(life.seconds * 1000);
  Object.assign(world.weather, { lineLoss: 0, lineFlip: 0, lineDuplicate: 0 });
  world.run(SETTLE_MS);
  return { world, lines, presses };
}

/** A node that restarts is pressed no more: what waits in it would rightly be lost. */
function planOf({ seed, seconds, nodes }: Life, ids: readonly string[]) {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
  const free = new Map<string, number>();
  const plan: { atMs: number; device: string; what: 'press' | 'restart' }[] = [];
  for (let at = 0; at < seconds * 1000; at += 100 + randomBelow(random, 20_000 / Math.sqrt(nodes))) {
    const id = ids[randomBelow(random, ids.length)] ?? '';
    if ((free.get(id) ?? 0) > at) continue;
    const isRestart = randomBelow(random, 8) === 0;
    free.set(id, isRestart ? Infinity : at + APART_MS);
    plan.push({ atMs: at, device: id, what: isRestart ? 'restart' : 'press' });
  }
  const restarted = new Set(plan.filter(({ what }) => what === 'restart').map((each) => each.device));
  return plan.filter(({ what, device: id }) => what === 'restart' || !restarted.has(id));
}
