import type { ProbeReadings } from './probe-readings.ts';

/** What each thread's heap holds when all garbage is gone, MB. */
export interface LiveHeap {
  /** Since the run began, s. */
  readonly atS: number;
  readonly mb: Readonly<Record<string, number>>;
}

/**
 * Has all garbage collected before and after what is judged, and never meanwhile: the gateway is to be seen as it is when left alone, where
 * a heap may grow for a quarter of an hour before it is worth collecting.
 */
export class LiveHeaps {
  readonly taken: LiveHeap[] = [];
  readonly #probe: ProbeReadings;
  readonly #snapshots: string | undefined;

  /** @param snapshots directory to write heap snapshots to as well */
  constructor(probe: ProbeReadings, snapshots: string | undefined) {
    this.#probe = probe;
    this.#snapshots = snapshots;
  }

  /** @param atS since the run began, s */
  async take(name: 'start' | 'end', atS: number): Promise<void> {
    this.taken.push({ atS, mb: Object.fromEntries(await this.#probe.collect()) });
    if (this.#snapshots !== undefined) await this.#probe.snapshot(`${this.#snapshots}/${name}`);
  }
}
