import { performance } from 'node:perf_hooks';

/** Numbers of checks in a row without a sign of life. */
export interface ThreadWatchLimits {
  /** If this many are missing, the thread hangs. */
  readonly checksMissed: number;
  /** Allowed until it has a broker: loading that takes many seconds on a slow machine. And the most that our own work excuses. */
  readonly checksToStart: number;
}

/** More of the time than this, and the watched thread, whose priority is lower, may have had no processor. */
const BUSY_SHARE = 0.7;

/**
 * Tells whether a thread's silence means that it hangs. Counts checks rather than time, so that a stall of the calling thread is not
 * taken for one of the other; and a check during which the calling thread itself used up the processor proves nothing.
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

  /** A sign of life. @param isLoaded it says something that only a thread can say that has a broker */
  heard(isLoaded: boolean): void {
    this.#isLoaded ||= isLoaded;
    this.#silent = 0;
    this.#excused = 0;
  }

  /** To be called at each check. True: the thread hangs. */
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
