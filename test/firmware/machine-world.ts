import { LedWatch } from '../../device-sim/firmware/led-watch.ts';
import { parseFrame } from '../../protocol/button-bus/frame.ts';
import { MachineLines } from '../simulation/machine-lines.ts';
import { device, path, site } from '../simulation/site.ts';
import { World } from '../simulation/world.ts';
import { type Happening, type Plan, planOf } from './machine-plan.ts';

const FIRST_NUMBER = 101;
/** Nodes are switched on within 3 s. */
const SETTLE_MS = 6_000;
/** A heartbeat tells the gateway what it has forgotten in a crash. */
const HEARTBEAT_MS = 30_000;
/** The power of a node that restarts is off for so long. */
const OFF_MS = 200;

interface Life {
  readonly nodes: number;
  readonly seconds: number;
  readonly seed: number;
  readonly losses: number;
  readonly gapMs: number;
  /** Called when every node has started and been heard. */
  readonly onSettled?: () => void;
}

/** What is neither is open, or the gateway does not know it. */
const NORMAL: ReadonlySet<string> = new Set(['closed', 'locked', 'ok']);

/** What came of a life. It is the same for both kinds of node, and as its plan says. */
interface Outcome {
  /** Epochs of the presses that a receiver displays, of each device. */
  readonly epochs: Readonly<Record<string, readonly number[]>>;
  readonly lights: Readonly<Record<string, string>>;
  /** Numbers of the points that the gateway knows to be open, of each device. */
  readonly openPoints: Readonly<Record<string, readonly number[]>>;
  readonly openCovers: readonly string[];
  /** Frames that break the rules for epoch and counter (section 6). */
  readonly wrongNumbers: readonly string[];
  /** What a real line would suffer from. */
  readonly offences: readonly unknown[];
}

interface Lived {
  readonly world: World;
  readonly lines: MachineLines | undefined;
  readonly plan: Plan;
  readonly outcome: Outcome;
}

/** The walls of a world: what happens to them, and what they show. */
interface Walls {
  press(device: string, holdMs: number): void;
  cutPower(device: string, what: 'restart' | 'brownOut'): void;
  point(device: string, point: number, isActive: boolean): void;
  cover(device: string, isOn: boolean): void;
  light(device: string): string;
}

/** A life of presses, losses, restarts and crashes, and a storm of presses at its end. */
export function live(life: Life, kind: 'firmware' | 'twin'): Lived {
  const { nodes, seed, losses } = life;
  const devices = Array.from({ length: nodes }, (_, at) => device(FIRST_NUMBER + at));
  const lines = kind === 'firmware' ? new MachineLines() : undefined;
  const world = new World(site(devices, [path('central'), path('backup')]), seed, lines);
  const walls = lines === undefined ? twinWalls(world) : machineWalls(world, lines);
  world.startGateway();
  world.startNodes();
  world.run(SETTLE_MS);
  life.onSettled?.();
  const ids = devices.map(({ id }) => id);
  const plan = planOf(life, ids);
  Object.assign(world.weather, { lineLoss: losses, lineFlip: losses / 2, lineDuplicate: losses / 2 });
  for (const each of plan.happenings) world.clock.after(each.atMs, () => happen(each, world, walls, losses));
  world.run(plan.endMs);
  Object.assign(world.weather, { lineLoss: 0, lineFlip: 0, lineDuplicate: 0 });
  world.run(HEARTBEAT_MS);
  return { world, lines, plan, outcome: outcomeOf(world, lines, walls, plan) };
}

function happen(happening: Happening, world: World, walls: Walls, losses: number): void {
  switch (happening.what) {
    case 'press':
      walls.press(happening.device, happening.holdMs);
      break;
    case 'restart':
    case 'brownOut':
      walls.cutPower(happening.device, happening.what);
      break;
    case 'point':
      walls.point(happening.device, happening.point, happening.isActive);
      break;
    case 'cover':
      walls.cover(happening.device, happening.isOn);
      break;
    case 'crash':
      world.crash();
      world.clock.after(happening.downMs, () => world.startGateway());
      break;
    case 'cut':
      world.weather.lineLoss = 1;
      world.clock.after(happening.forMs, () => {
        world.weather.lineLoss = losses;
      });
      break;
  }
}

/** The simulated nodes know no contacts: what is closed at a start is pressed for them. */
function twinWalls(world: World): Walls {
  const held = new Set<string>();
  return {
    press(id, holdMs) {
      held.add(id);
      world.press(id, 0);
      world.clock.after(holdMs, () => {
        held.delete(id);
        world.stepNode(id, { type: 'release', button: 0 });
      });
    },
    cutPower: (id, what) =>
      world.clock.after(what === 'brownOut' ? 0 : OFF_MS, () => {
        world.stepNode(id, { type: 'restart' });
        if (held.has(id)) world.press(id, 0);
      }),
    point: (id, point, active) => void world.stepNode(id, { type: 'point', point, active }),
    cover: (id, isOn) => void world.stepNode(id, { type: 'tamper', active: !isOn }),
    light: (id) => world.node(id).led,
  };
}

function machineWalls(world: World, lines: MachineLines): Walls {
  const watches = new Map<string, LedWatch>();
  for (const [id, each] of lines.machines) {
    const watch = new LedWatch();
    watches.set(id, watch);
    each.onShown = ({ colour }) => watch.changed(colour, each.nowMs);
  }
  return {
    press: (id, holdMs) => lines.press(id, 0, holdMs),
    cutPower: (id, what) => {
      if (what === 'brownOut') return lines.now(id, (each) => each.brownOut());
      lines.now(id, (each) => each.switchOff());
      world.clock.after(OFF_MS, () => lines.now(id, (each) => each.switchOn()));
    },
    point: (id, point, isActive) => lines.now(id, (each) => each.point(point, isActive)),
    cover: (id, isOn) => lines.now(id, (each) => each.cover(isOn)),
    light: (id) => {
      const [watch, each] = [watches.get(id), lines.machines.get(id)];
      watch?.look(each?.nowMs ?? 0);
      return watch?.led ?? 'off';
    },
  };
}

function outcomeOf(world: World, lines: MachineLines | undefined, walls: Walls, { lights }: Plan): Outcome {
  const documents = [...world.publishedDevices.values()];
  const openPoints = documents.flatMap(({ device: id, points }) => {
    const open = Object.values(points).flatMap(({ state }, number) => (NORMAL.has(state) ? [] : [number]));
    return open.length === 0 ? [] : [[id, open] as const];
  });
  const machines = [...(lines?.machines.values() ?? [])];
  return {
    epochs: displayedEpochs(world),
    lights: Object.fromEntries(Object.keys(lights).map((id) => [id, walls.light(id)])),
    openPoints: Object.fromEntries(openPoints),
    openCovers: documents
      .filter(({ tamper }) => tamper === true)
      .map(({ device: id }) => id)
      .sort(),
    wrongNumbers: wrongNumbers(world.recorded),
    offences: machines.flatMap(({ offences }) => offences),
  };
}

function displayedEpochs(world: World): Record<string, number[]> {
  const desks = [...world.receivers.values()].flatMap((desk) => [...desk.displayed.keys()]);
  const epochs = new Map<string, number[]>();
  for (const id of [...new Set(desks)].sort()) {
    const [, device = '', epoch] = /^(wb-\d+)\.(\d+)\.\d+$/.exec(id) ?? [];
    if (epoch !== undefined) epochs.set(device, [...(epochs.get(device) ?? []), Number(epoch)]);
  }
  return Object.fromEntries([...epochs].map(([device, each]) => [device, each.sort((a, b) => a - b)]));
}

/**
 * Under an epoch and a counter only the same bytes come again; a new counter follows all earlier
 * ones but those that were damaged on the line, and a new epoch the one before it.
 */
function wrongNumbers(wires: readonly Uint8Array[]): string[] {
  const sent = new Map<string, string>();
  const newest = new Map<number, { epoch: number; counter: number }>();
  const wrong: string[] = [];
  for (const wire of wires) {
    const parsed = parseFrame(wire.subarray(1, -1));
    if (!parsed.ok) continue;
    const { address, epoch, counter } = parsed.frame.header;
    const [id, bytes] = [`${address}.${epoch}.${counter}`, Buffer.from(wire).toString('hex')];
    const before = newest.get(address) ?? { epoch: 0, counter: 0 };
    if (sent.has(id)) {
      if (sent.get(id) !== bytes) wrong.push(`${id} comes again with other bytes`);
    } else if (epoch < before.epoch || (epoch > before.epoch + 1 && before.epoch > 0)) {
      wrong.push(`${id} after epoch ${before.epoch}`);
    } else if (epoch > before.epoch || counter > before.counter) newest.set(address, { epoch, counter });
    sent.set(id, bytes);
  }
  return wrong;
}
