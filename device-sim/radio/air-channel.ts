import { type AirSpeed, frameAirMs } from '../../protocol/radio/air-time.ts';
import type { Scheduler } from '../nodes/scheduler.ts';
import { type Random, seededRandom } from '../random.ts';

/** A station's receiver. */
export interface AirStation {
  /** Takes a frame that came through whole. The listener may keep it. */
  heard(frame: Uint8Array): void;
}

interface AirChannelOptions {
  readonly bitsPerSecond: number;
  readonly scheduler: Scheduler;
  /** The same seed loses the same frames. */
  readonly seed: number;
  /** Share of receptions that are lost to noise, 0…1. Default 0. */
  readonly loss?: number;
  /** True if overlapping transmissions destroy each other, as on a real channel. Default true. */
  readonly collisions?: boolean;
  /** Time from key-up until the others notice. Meanwhile they may key up too. Default 0. */
  readonly detectMs?: number;
}

export type KeyTimes = Pick<AirSpeed, 'txDelayMs' | 'txTailMs'>;

interface Transmission {
  readonly from: AirStation;
  readonly startMs: number;
  collided: boolean;
}

/**
 * One half-duplex radio channel. Each station hears every other station in its range, one at a
 * time, and never itself.
 */
export class AirChannel {
  readonly #options: AirChannelOptions;
  readonly #random: Random;
  readonly #stations = new Set<AirStation>();
  readonly #airMs = new Map<AirStation, number>();
  readonly #callOffs = new Set<() => void>();
  readonly #outOfRange = new Map<AirStation, Set<AirStation>>();
  #onAir: readonly Transmission[] = [];
  /** Share of lost receptions, which may change at run time. */
  loss: number;
  #frames = 0;
  #collisions = 0;

  constructor(options: AirChannelOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.loss = options.loss ?? 0;
  }

  /** Returns true if a transmission is heard. */
  get busy(): boolean {
    const { scheduler, detectMs = 0 } = this.#options;
    const nowMs = scheduler.nowMs();
    return this.#onAir.some(({ startMs }) => nowMs - startMs >= detectMs);
  }

  /** Returns the number of frames sent since the start. */
  get frames(): number {
    return this.#frames;
  }

  /** Returns the number of frames that another one destroyed. */
  get collisions(): number {
    return this.#collisions;
  }

  join(station: AirStation): void {
    this.#stations.add(station);
  }

  /**
   * Puts a hill between two stations: they no longer hear each other's frames. They still detect a
   * busy channel.
   */
  separate(one: AirStation, other: AirStation): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      this.#outOfRange.set(from, (this.#outOfRange.get(from) ?? new Set()).add(to));
    }
  }

  /** Returns how long a station has transmitted since the start. */
  airMsOf(station: AirStation): number {
    return this.#airMs.get(station) ?? 0;
  }

  /**
   * Keys up at once, even during another transmission. Calls `done` at the end of the transmission.
   */
  transmit(from: AirStation, frame: Uint8Array, key: KeyTimes, done: () => void): void {
    const { bitsPerSecond, scheduler, collisions = true } = this.#options;
    const lastsMs = frameAirMs(frame, { ...key, bitsPerSecond });
    const collided = collisions && this.#onAir.length > 0;
    const transmission = { from, startMs: scheduler.nowMs(), collided };
    if (collided) for (const other of this.#onAir) other.collided = true;
    this.#onAir = [...this.#onAir, transmission];
    this.#frames += 1;
    this.#airMs.set(from, this.airMsOf(from) + lastsMs);
    const callOff = scheduler.after(lastsMs, () => {
      this.#callOffs.delete(callOff);
      this.#end(transmission, frame);
      done();
    });
    this.#callOffs.add(callOff);
  }

  /** Ends the channel. No station hears a transmission in progress. */
  close(): void {
    for (const callOff of this.#callOffs) callOff();
    this.#callOffs.clear();
    this.#stations.clear();
  }

  #end(transmission: Transmission, frame: Uint8Array): void {
    const { from, collided } = transmission;
    this.#onAir = this.#onAir.filter((one) => one !== transmission);
    if (collided) this.#collisions += 1;
    for (const station of this.#stations) {
      const lost = this.#random() < this.loss;
      const isFar = this.#outOfRange.get(from)?.has(station) === true;
      const deaf = station === from || isFar || this.#onAir.some((one) => one.from === station);
      if (!collided && !lost && !deaf) station.heard(Uint8Array.from(frame));
    }
  }
}
