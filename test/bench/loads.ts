import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant } from './contestant.ts';
import { type LoadFigures, Stand } from './stand.ts';
import { steadyRate } from './steady-rate.ts';

/** Longest wait for the preparations that Callpoint makes after it is ready. */
const PREPARED_WITHIN_MS = 10_000;
const QUIET_MS = 1_000;
const WARM_UP = 200;

export interface LoadMeans {
  readonly programs: { readonly rig: string; readonly slowDisk: string };
  readonly connections: number;
  readonly nice: number;
  /** The rate of the contestant's last round, if there was one. */
  readonly lastRate: number | undefined;
}

/** What one run of a contestant gave. Figures that it did not measure are absent. */
export interface RunFigures {
  readonly readyMs?: number;
  readonly firstPressMs?: number;
  readonly residentReadyMb?: number;
  /** After the loads of the run, and how many presses it had had by then. */
  readonly residentMb?: number;
  readonly pressesInAll?: number;
  readonly loads: Readonly<Record<string, LoadFigures>>;
  readonly steadyRate?: number;
  /** The rest, by name. */
  readonly others?: Readonly<Record<string, number>>;
}

export interface Load {
  readonly name: string;
  readonly description: string;
  /** Absent: every contestant has it. */
  readonly only?: Contestant['kind'];
  readonly run: (contestant: Contestant, means: LoadMeans) => Promise<RunFigures>;
}

interface OpenStand {
  readonly stand: Stand;
  readonly opened: Pick<RunFigures, 'readyMs' | 'firstPressMs' | 'residentReadyMb'>;
}

type StandNeeds = Omit<Parameters<typeof Stand.open>[1], 'rigProgram' | 'connections' | 'nice'>;

/** Starts the contestant, gives it the first press as soon as it is ready, and lets it settle. */
async function opened(contestant: Contestant, means: LoadMeans, needs: StandNeeds = {}): Promise<OpenStand> {
  const { programs, connections, nice } = means;
  const stand = await Stand.open(contestant, { rigProgram: programs.rig, connections, nice, ...needs });
  try {
    const { readyMs, prepared } = await stand.start();
    const residentReadyMb = stand.residentMb();
    const first = await stand.load(stand.schedule(1, 0));
    await Promise.race([prepared, sleep(PREPARED_WITHIN_MS)]);
    await sleep(QUIET_MS);
    return { stand, opened: { readyMs, firstPressMs: first.firstByteMs.max, residentReadyMb } };
  } catch (error) {
    await stand.close();
    throw error;
  }
}

/** Runs loads of even rate one after the other on a contestant that has had some presses before. */
export async function runEven(
  contestant: Contestant,
  means: LoadMeans,
  loads: readonly { readonly name: string; readonly presses: number; readonly everyMs: number }[],
  needs: StandNeeds & { readonly isCold?: boolean; readonly searchesRate?: boolean } = {},
): Promise<RunFigures> {
  const { isCold = false, searchesRate = false, ...standNeeds } = needs;
  const { stand, opened: start } = await opened(contestant, means, standNeeds);
  try {
    let pressesInAll = 1;
    if (!isCold) {
      await stand.load(stand.schedule(WARM_UP, 5));
      pressesInAll += WARM_UP;
    }
    const figures: Record<string, LoadFigures> = {};
    for (const { name, presses, everyMs } of loads) {
      await sleep(QUIET_MS);
      figures[name] = await stand.load(stand.schedule(presses, everyMs));
      pressesInAll += presses;
    }
    const steady = searchesRate ? await steadyRate(stand, means.lastRate) : undefined;
    pressesInAll += steady?.presses ?? 0;
    return {
      ...start,
      residentMb: stand.residentMb(),
      pressesInAll,
      loads: figures,
      ...(steady !== undefined && { steadyRate: steady.rate }),
    };
  } finally {
    await stand.close();
  }
}

/** Opens a stand for a load that is not even. */
export async function onStand(
  contestant: Contestant,
  means: LoadMeans,
  run: (stand: Stand) => Promise<Omit<RunFigures, 'readyMs' | 'firstPressMs' | 'residentReadyMb'>>,
  needs: StandNeeds = {},
): Promise<RunFigures> {
  const { stand, opened: start } = await opened(contestant, means, needs);
  try {
    await stand.load(stand.schedule(WARM_UP, 5));
    return { ...start, ...(await run(stand)) };
  } finally {
    await stand.close();
  }
}

const main: Load = {
  name: 'main',
  description: '200/s for 5 s, 1,000 in a second, 1,000 at once, the largest steady rate',
  run: (contestant, means) =>
    runEven(
      contestant,
      means,
      [
        { name: '200/s', presses: 1000, everyMs: 5 },
        { name: '1,000 in a second', presses: 1000, everyMs: 1 },
        { name: '1,000 at once', presses: 1000, everyMs: 0 },
      ],
      { searchesRate: true },
    ),
};

const cold: Load = {
  name: 'cold',
  description: '1,000 in a second as the first storm after the start',
  run: (contestant, means) =>
    runEven(contestant, means, [{ name: 'first storm', presses: 1000, everyMs: 1 }], { isCold: true }),
};

const slow: Load = {
  name: 'slow',
  description: 'one press a second, 30 of them',
  run: (contestant, means) => runEven(contestant, means, [{ name: '1/s', presses: 30, everyMs: 1000 }]),
};

const devices: Load = {
  name: 'devices',
  description: '2,000 devices on 8 lines: 1,000 in a second and at once',
  run: (contestant, means) =>
    runEven(
      contestant,
      means,
      [
        { name: '2,000 devices, 1,000 in a second', presses: 1000, everyMs: 1 },
        { name: '2,000 devices, 1,000 at once', presses: 1000, everyMs: 0 },
      ],
      { lines: 8, devicesPerLine: 250 },
    ),
};

const disk: Load = {
  name: 'disk',
  description: 'fdatasync takes 10 ms longer, and every hundredth 150 ms',
  run: (contestant, means) =>
    runEven(
      contestant,
      means,
      [
        { name: 'slow disk, 200/s', presses: 1000, everyMs: 5 },
        { name: 'slow disk, 1,000 in a second', presses: 1000, everyMs: 1 },
      ],
      { preload: means.programs.slowDisk },
    ),
};

export const EVEN_LOADS: readonly Load[] = [main, cold, slow, devices, disk];
