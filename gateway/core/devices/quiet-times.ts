import type { MonoMs } from '../../../protocol/clocks.ts';

/** Different values of one button that are remembered. */
const VALUES_MAX = 8;
/** A device that repeats itself for this long is no finger. */
const ENDLESS_MS = 60_000;

interface Run {
  readonly sinceMs: MonoMs;
  lastMs: MonoMs;
  isReported: boolean;
}

/**
 * Tells the events of one button apart where nothing marks them: the same value again within the
 * quiet time is a repeat. The time begins anew with each repeat, so that a device that repeats
 * itself for ever is one press. A person who goes on pressing is in the alert of the first press.
 */
export class QuietTimes {
  readonly #runs = new Map<string, Run>();

  /**
   * `endless`, once: nothing but repeats for a minute, and no press could be told from them.
   */
  hear(value: string, withinMs: number, nowMs: MonoMs): 'new' | 'repeat' | 'endless' {
    const run = this.#runs.get(value);
    if (run === undefined || nowMs - run.lastMs >= withinMs) {
      this.#runs.delete(value);
      for (const oldest of this.#runs.keys()) {
        if (this.#runs.size < VALUES_MAX) break;
        this.#runs.delete(oldest);
      }
      this.#runs.set(value, { sinceMs: nowMs, lastMs: nowMs, isReported: false });
      return 'new';
    }
    run.lastMs = nowMs;
    if (run.isReported || nowMs - run.sinceMs < ENDLESS_MS) return 'repeat';
    run.isReported = true;
    return 'endless';
  }
}
