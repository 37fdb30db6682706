/** A rehearsal uses one part of the time and leaves this many parts free. */
const PARTS_LEFT = 4;
const PAUSE_MS_MIN = 1;
const PAUSE_MS_MAX = 10_000;
const QUIET_MS_MIN = 2;
const QUIET_MS_MAX = 50;
/** A pause that ends this much later than asked for shows that others need the processor. */
const LATE_MS_MIN = 20;

/**
 * How long a rehearsal rests between two presses, so that it starves neither real work nor the
 * other threads on a slow machine.
 */
export class RehearsalPace {
  #extraMs = 0;
  #tookMs = QUIET_MS_MAX;

  /**
   * Real signals come first: the rehearsal waits until nothing was heard for this long, ms. The
   * wait grows with the machine's work, so that a slow machine is left alone and a busy site is
   * still rehearsed.
   */
  get quietMs(): number {
    return Math.min(Math.max(2 * this.#tookMs, QUIET_MS_MIN), QUIET_MS_MAX);
  }

  /**
   * @param tookMs what the last press took
   * @param lateMs how much later than asked for the last pause ended
   * @returns ms to rest
   */
  pauseMs(tookMs: number, lateMs: number): number {
    this.#tookMs = tookMs;
    this.#extraMs = lateMs > LATE_MS_MIN ? Math.max(2 * this.#extraMs, PARTS_LEFT * lateMs) : this.#extraMs / 2;
    this.#extraMs = Math.min(this.#extraMs, PAUSE_MS_MAX);
    const restMs = tookMs * PARTS_LEFT + this.#extraMs;
    return Math.min(Math.max(Math.ceil(restMs), PAUSE_MS_MIN), PAUSE_MS_MAX);
  }
}
