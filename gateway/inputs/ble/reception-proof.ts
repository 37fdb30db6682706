import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';

/**
 * A known device proves reception once it has been heard for this many silences without one
 * between.
 */
const REGULAR_SILENCES = 3;

interface Run {
  sinceMs: MonoMs;
  lastMs: MonoMs;
}

/**
 * Which advertisement proves that a radio hears: a beacon's; without beacons a regularly heard
 * device's; without those anybody's.
 */
export class ReceptionProof {
  readonly #beacons: ReadonlySet<string>;
  readonly #silenceMs: number;
  readonly #runs = new Map<string, Run>();
  readonly #regular = new Set<string>();
  #anyMs = LONG_AGO_MS;

  /** @param beacons addresses, capitals */
  constructor(beacons: ReadonlySet<string>, silenceMs: number) {
    this.#beacons = beacons;
    this.#silenceMs = silenceMs;
  }

  /** An advertisement of a known device or beacon. True if it proves reception. */
  known(address: string, nowMs: MonoMs): boolean {
    this.#anyMs = nowMs;
    if (this.#beacons.size > 0) return this.#beacons.has(address);
    this.#follow(address, nowMs);
    return this.#regular.size === 0 || this.#regular.has(address);
  }

  /** An advertisement of anybody. True if it proves reception. */
  anybody(nowMs: MonoMs): boolean {
    this.#anyMs = nowMs;
    return this.#beacons.size === 0 && this.#regular.size === 0;
  }

  /** Whether anything at all was heard since then. */
  heardSince(sinceMs: MonoMs): boolean {
    return this.#anyMs >= sinceMs;
  }

  get hasBeacons(): boolean {
    return this.#beacons.size > 0;
  }

  /**
   * The radio hears others and none of the regular devices, whatever was done: those devices have
   * gone, not the radio.
   */
  giveUpRegular(): void {
    this.#regular.clear();
    this.#runs.clear();
  }

  #follow(address: string, nowMs: MonoMs): void {
    const run = this.#runs.get(address);
    if (run === undefined || nowMs - run.lastMs >= this.#silenceMs) {
      this.#runs.set(address, { sinceMs: nowMs, lastMs: nowMs });
      return;
    }
    run.lastMs = nowMs;
    if (nowMs - run.sinceMs >= REGULAR_SILENCES * this.#silenceMs) this.#regular.add(address);
  }
}
