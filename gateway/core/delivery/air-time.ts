import { after, type MonoMs } from '../../../protocol/clocks.ts';
import type { AirTime } from '../site.ts';

interface Spent {
  readonly atMs: MonoMs;
  readonly costMs: number;
}

/**
 * The recent air time on a shared channel, compared with what the licence and the other users leave
 * to the gateway.
 */
export class AirTimeBudget {
  readonly #airTime: AirTime;
  #spent: Spent[] = [];

  constructor(airTime: AirTime) {
    this.#airTime = airTime;
  }

  /** For a message with a text of this many characters, ms. */
  costMs(characters: number): number {
    return this.#airTime.messageMs + characters * this.#airTime.characterMs;
  }

  /**
   * The earliest monotonic ms at which the message may go; now, if it may go at once.
   *
   * @param isFresh a first alarm, which may go beyond the budget by one message
   */
  allowedMs(nowMs: MonoMs, costMs: number, isFresh: boolean): MonoMs {
    const { windowMs } = this.#airTime;
    this.#spent = this.#spent.filter(({ atMs }) => nowMs - atMs < windowMs);
    // A message longer than the whole budget goes when nothing else has gone.
    const budgetMs = Math.max(this.#airTime.budgetMs, costMs) + (isFresh ? costMs : 0);
    let left = this.#spent.reduce((sum, each) => sum + each.costMs, costMs);
    for (const { atMs, costMs: freed } of this.#spent) {
      if (left <= budgetMs) return nowMs;
      left -= freed;
      if (left <= budgetMs) return after(atMs, windowMs);
    }
    return nowMs;
  }

  spend(nowMs: MonoMs, costMs: number): void {
    this.#spent.push({ atMs: nowMs, costMs });
  }

  /** It was not sent after all. */
  giveBack(spentMs: MonoMs, costMs: number): void {
    const at = this.#spent.findIndex((each) => each.atMs === spentMs && each.costMs === costMs);
    if (at >= 0) this.#spent.splice(at, 1);
  }
}
