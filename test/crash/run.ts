import { type CycleResult, failpointCycle, killCycle } from './cycle.ts';
import { DISK_KINDS, diskCycle } from './disk-faults.ts';
import type { DiskFault } from './failpoint-variables.ts';
import { FAILPOINTS, type Failpoint } from './failpoints.ts';
import { clockCycle, floodCycle, stopCycle } from './hardships.ts';
import { randomOf, World } from './world.ts';

/** After so many cycles a world gives way to a new one. */
const WORLD_CYCLES = 25;
/** A failpoint that was not reached is tried again this often before it counts as missed. */
const TRIES = 3;
/** Calls of the journal's disk that a stall hits: of a start, and of the load after it. */
const STALLED_CALLS = [1, 4, 9, 16, 30, 60] as const;

interface CrashOptions {
  readonly hits: number;
  readonly kills: number;
  /** Of the journal's I/O calls, each of the first so many fails in each way. */
  readonly diskCalls: number;
  /** Length of each stall of the disk, each stop of the process and each flood, s; 0: none. */
  readonly hardshipS: number;
  readonly seed: number;
  readonly jobs: number;
  readonly failpoints: readonly Failpoint[];
  /** The program under test, with the patches in it. */
  readonly main: string;
  readonly interrupt?: AbortSignal;
  readonly progress: (line: string) => void;
  /** Called before anything of it is started. */
  readonly onWorld?: (world: World) => void;
}

export interface CrashResult {
  /** How often the gateway died at each failpoint. */
  readonly hits: ReadonlyMap<string, number>;
  readonly kills: number;
  /** By call and kind: how often it failed, and how often the gateway told of it. */
  readonly disk: ReadonlyMap<string, { readonly failed: number; readonly told: number }>;
  readonly hardships: readonly string[];
  readonly cycles: number;
  readonly presses: number;
  /** Presses that came with another sequence number after a death. */
  readonly secondNumbers: number;
  readonly seconds: number;
  /** What must not be. */
  readonly faults: readonly string[];
}

type Hardship = 'clock' | 'stop' | 'flood';
type Task =
  | { readonly type: 'failpoint'; readonly failpoint: Failpoint; readonly turn: number }
  | { readonly type: 'kill'; readonly turn: number }
  | { readonly type: 'disk'; readonly fault: DiskFault }
  | { readonly type: 'hardship'; readonly hardship: Hardship };

/** Kills and plagues gateways, several side by side. */
export async function runCrashes(options: CrashOptions): Promise<CrashResult> {
  const { jobs, failpoints: points, progress } = options;
  const begunMs = performance.now();
  const tasks = tasksOf(options, points);
  const sum = { cycles: 0, presses: 0, secondNumbers: 0, kills: 0 };
  const hits = new Map(points.map(({ name }) => [name, 0]));
  const disk = new Map<string, { failed: number; told: number }>();
  const hardships: string[] = [];
  const faults: string[] = [];
  const all = tasks.length;
  const isInterrupted = () => options.interrupt?.aborted ?? false;
  const note = (task: Task, result: CycleResult & { readonly call?: string; readonly isTold?: boolean }): void => {
    sum.cycles += 1;
    const { isHit, what } = result;
    if (task.type === 'kill') sum.kills += 1;
    else if (task.type === 'hardship') hardships.push(isHit ? what : `${what}: left out`);
    else if (task.type === 'failpoint' && isHit)
      hits.set(task.failpoint.name, (hits.get(task.failpoint.name) ?? 0) + 1);
    else if (task.type === 'failpoint') faults.push(`${what}: not reached`);
    else if (isHit) {
      const key = `${result.call} ${task.fault.kind}`;
      const { failed, told } = disk.get(key) ?? { failed: 0, told: 0 };
      disk.set(key, { failed: failed + 1, told: told + (result.isTold ? 1 : 0) });
    }
    for (const fault of result.faults) faults.push(`${what}: ${fault}`);
    const said = result.faults.slice(0, 3).join('; ') || (isHit ? '' : 'not reached');
    if (said !== '' || sum.cycles % 20 === 0) progress(`${sum.cycles}/${all} ${what}: ${said || 'well'}`);
  };
  const work = async (job: number): Promise<void> => {
    while (tasks.length > 0 && !isInterrupted()) {
      const world = await World.start(options.seed * 1_000 + job);
      options.onWorld?.(world);
      try {
        for (let cycles = 0; cycles < WORLD_CYCLES; cycles += 1) {
          const task = tasks.shift();
          if (task === undefined || isInterrupted()) break;
          note(task, await carryOut(world, options, task));
        }
      } finally {
        sum.presses += world.ledger.presses.length;
        sum.secondNumbers += world.ledger.secondNumbers;
        await world.stop();
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, (_, job) => work(job)));
  return { ...sum, hits, disk, hardships, seconds: (performance.now() - begunMs) / 1000, faults };
}

/** In an order of the seed: a run that is ended early has done some of everything. */
function tasksOf({ hits, kills, diskCalls, hardshipS, seed }: CrashOptions, points: readonly Failpoint[]): Task[] {
  const turns = Array.from({ length: hits }, (_, turn) => turn);
  const stalls = hardshipS === 0 ? [] : STALLED_CALLS.map((at) => ({ at, kind: 'stall' as const }));
  const faults = Array.from({ length: diskCalls }, (_, call) => DISK_KINDS.map((kind) => ({ at: call + 1, kind })));
  const random = randomOf(seed, 0);
  const tasks: Task[] = [
    ...(hardshipS === 0 ? [] : (['clock', 'stop', 'flood'] as const)).map(
      (hardship): Task => ({ type: 'hardship', hardship }),
    ),
    ...[...stalls, ...faults.flat()].map(
      (fault): Task => ({ type: 'disk', fault: { ...fault, stallMs: (hardshipS * 1_000) / 2 } }),
    ),
    ...turns.flatMap((turn) => points.map((failpoint): Task => ({ type: 'failpoint', failpoint, turn }))),
    ...Array.from({ length: kills }, (_, turn): Task => ({ type: 'kill', turn })),
  ];
  return tasks
    .map((task) => ({ task, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ task }) => task);
}

async function carryOut(world: World, { main, seed, hardshipS }: CrashOptions, task: Task): Promise<CycleResult> {
  switch (task.type) {
    case 'kill':
      return await killCycle(world, main, randomOf(seed, 1, task.turn));
    case 'disk':
      return await diskCycle(world, main, task.fault, randomOf(seed, 2, task.fault.at));
    case 'hardship': {
      const random = randomOf(seed, 3);
      if (task.hardship === 'clock') return await clockCycle(world, main, random);
      const plague = task.hardship === 'stop' ? stopCycle : floodCycle;
      return await plague(world, main, random, hardshipS * 1_000);
    }
    case 'failpoint':
      return await tryFailpoint(world, main, task, seed);
  }
}

/** A pass that was not reached is followed by tries at the first one. */
async function tryFailpoint(
  world: World,
  main: string,
  { failpoint, turn }: Extract<Task, { type: 'failpoint' }>,
  seed: number,
): Promise<CycleResult> {
  const faults: string[] = [];
  for (let tried = 1; ; tried += 1) {
    const passesMax = tried === 1 ? failpoint.passesMax : 1;
    const random = randomOf(seed, 4 + FAILPOINTS.indexOf(failpoint), turn * TRIES + tried);
    const result = await failpointCycle(world, main, { ...failpoint, passesMax }, random);
    faults.push(...result.faults);
    if (result.isHit || tried === TRIES) return { ...result, faults };
  }
}
