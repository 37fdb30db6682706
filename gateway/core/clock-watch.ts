import type { Context } from './context.ts';
import type { Now } from './time.ts';

/** More than the time between the readings of the two clocks, and less than a reader would miss. */
const SET_MS_MIN = 50;

/**
 * Journals each setting of the wall clock, so that a reader of the journal can say how much time
 * really passed between two records. NTP's slewing moves both clocks alike.
 */
export class ClockWatch {
  readonly #context: Context;
  /** What the wall clock is ahead of the monotonic one, ms. */
  #aheadMs: number;

  constructor(context: Context) {
    this.#context = context;
    this.#aheadMs = aheadMs(context.now);
  }

  /** The core was called, and its time is the present one. */
  called(): void {
    const { now } = this.#context;
    const byMs = Math.round(aheadMs(now) - this.#aheadMs);
    if (Math.abs(byMs) < SET_MS_MIN) return;
    this.#aheadMs += byMs;
    this.#context.log('warn', 'clock.set', { byMs });
    this.#context.journal({ t: 'clockSet', at: now.wallMs, byMs });
  }
}

function aheadMs({ wallMs, monoMs }: Now): number {
  return wallMs - monoMs;
}
