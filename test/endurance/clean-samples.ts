import { setTimeout as sleep } from 'node:timers/promises';
import type { Loops } from './loops.ts';
import type { ProbeReadings, ThreadReading } from './probe-readings.ts';
import { type OwnMemory, ownMemory } from './samples.ts';

/** Memory of the process right after a collection of all garbage. */
export interface CleanSample extends OwnMemory {
  /** Seconds since the run began. */
  readonly atS: number;
  readonly isolates: Readonly<Record<string, ThreadReading>>;
}

const TIMES = 6;
const LEAST_GAP_S = 60;
/** V8 returns unused memory to the kernel a little later. */
const GIVEN_BACK_MS = 2000;
/**
 * Alerts occupy memory, so no sample is taken during a storm or while alerts wait for a receiver.
 */
const CALM_WITHIN_S = 240;
const LOOK_EVERY_MS = 500;

/**
 * Collects all garbage at the end of the warm-up, and repeatedly from half of the time on. The rest
 * then grows only if something is kept. Before that the gateway runs undisturbed, and its heap may
 * grow for half an hour before V8 collects. Each collection stops the gateway twice for about a
 * tenth of a second.
 */
export class CleanSamples {
  readonly taken: CleanSample[] = [];
  readonly #probe: ProbeReadings;
  readonly #pid: number;
  readonly #isCalm: () => boolean;
  readonly #snapshots: string | undefined;

  /** @param snapshots directory for heap snapshots of the first and the last collection */
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
