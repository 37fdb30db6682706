import { performance } from 'node:perf_hooks';

/** Limits, as numbers of checks in a row without a sign of life. */
interface ThreadWatchLimits {
  /** After this many checks the thread hangs. */
  readonly checksMissed: number;
  /**
   * Allowed until the thread has a broker, because loading it takes many seconds on a slow machine.
   * Also the most checks that our own load excuses.
   */
  readonly checksToStart: number;
}

/**
 * Above this share of the time, the watched thread may have had no processor, because its priority
 * is lower.
 */
const BUSY_SHARE = 0.7;

/**
 * Decides whether a silent thread hangs. It counts checks and not time, so that a stall of the
 * calling thread is not taken for a stall of the other. A check during which the calling thread
 * itself used up the processor proves nothing.
 */
export class ThreadWatch {
  readonly #limits: ThreadWatchLimits;
  readonly #isBusy: () => boolean;
  #isLoaded = false;
  #silent = 0;
  #excused = 0;

  /** @param isBusy whether the calling thread used up the processor since the last call */
  constructor(limits: ThreadWatchLimits, isBusy: () => boolean = ownBusyness()) {
    this.#limits = limits;
    this.#isBusy = isBusy;
  }

  /** A new thread begins. */
  begin(): void {
    this.#isLoaded = false;
    this.heard(false);
  }

  /**
   * A sign of life.
   *
   * @param isLoaded true if only a thread that has a broker can send this sign
   */
  heard(isLoaded: boolean): void {
    this.#isLoaded ||= isLoaded;
    this.#silent = 0;
    this.#excused = 0;
  }

  /** Call this at each check. True: the thread hangs. */
  check(): boolean {
    const { checksMissed, checksToStart } = this.#limits;
    this.#silent += 1;
    if (this.#isBusy()) this.#excused += 1;
    const allowed = this.#isLoaded ? Math.min(checksMissed + this.#excused, checksToStart) : checksToStart;
    return this.#silent > allowed;
  }
}

function ownBusyness(): () => boolean {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization > BUSY_SHARE;
  };
}
