import { setTimeout as sleep } from 'node:timers/promises';
import type { Loops } from './loops.ts';
import type { ProbeReadings, ThreadReading } from './probe-readings.ts';
import { type OwnMemory, ownMemory } from './samples.ts';

/** What the process holds when all its garbage has just been collected. */
export interface CleanSample extends OwnMemory {
  /** Since the run began, s. */
  readonly atS: number;
  readonly isolates: Readonly<Record<string, ThreadReading>>;
}

const TIMES = 6;
const LEAST_GAP_S = 60;
/** V8 gives what it no longer needs back to the kernel a little later. */
const GIVEN_BACK_MS = 2000;
/** Alerts are part of what is held: none is taken within a storm, or while they wait for a receiver. */
const CALM_WITHIN_S = 240;
const LOOK_EVERY_MS = 500;

/**
 * Has all garbage collected at the end of the warm-up, and again and again from half of the time on: what is left then grows only if something
 * is kept. Before that the gateway is seen as it is when left alone, where a heap may grow for half an hour before it is worth collecting.
 * Each time holds the gateway up twice for about a tenth of a second.
 */
export class CleanSamples {
  readonly taken: CleanSample[] = [];
  readonly #probe: ProbeReadings;
  readonly #pid: number;
  readonly #isCalm: () => boolean;
  readonly #snapshots: string | undefined;

  /** @param snapshots directory to write heap snapshots to, the first and the last time */
  constructor(probe: ProbeReadings, pid: number, isCalm: () => boolean, snapshots: string | undefined) {
    this.#probe = probe;
    this.#isCalm = isCalm;
    this.#pid = pid;
    this.#snapshots = snapshots;
  }

  /** @param seconds since the run began, as `fromS` and `toS` */
  begin(loops: Loops, seconds: () => number, fromS: number, toS: number): void {
    const halfS = (fromS + toS) / 2;
    const gapS = Math.max(LEAST_GAP_S, (toS - halfS) / TIMES);
    loops.start(async (pause) => {
      const wait = async (untilS: number) => {
        await pause(Math.max(0, (untilS - seconds()) * 1000));
        while (!this.#isCalm() && seconds() < untilS + CALM_WITHIN_S) await pause(LOOK_EVERY_MS);
      };
      await wait(fromS);
      await this.take(seconds(), 'first');
      for (let dueS = halfS; dueS < toS; dueS = Math.max(dueS + gapS, seconds() + LEAST_GAP_S)) {
        await wait(dueS);
        await this.take(seconds());
      }
    });
  }

  /** @param atS since the run began, s */
  async take(atS: number, snapshot?: 'first' | 'last'): Promise<void> {
    await this.#probe.collect();
    await sleep(GIVEN_BACK_MS);
    const isolates = Object.fromEntries(await this.#probe.collect());
    await sleep(GIVEN_BACK_MS);
    this.taken.push({ atS, ...ownMemory(this.#pid), isolates });
    if (snapshot !== undefined && this.#snapshots !== undefined) {
      await this.#probe.snapshot(`${this.#snapshots}/${snapshot}`);
    }
  }
}
