import type { MonoMs } from '../../protocol/clocks.ts';
import type { MqttNotice } from './thread-messages.ts';

/**
 * A token bucket: `burst` tokens at once, refilled at `perSecond`. The caller hands in monotonic
 * ms.
 */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #lastMs: MonoMs;

  constructor(perSecond: number, burst: number, nowMs: MonoMs) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#lastMs = nowMs;
  }

  /** @param cost tokens that it takes */
  allows(nowMs: MonoMs, cost = 1): boolean {
    const earned = (Math.max(0, nowMs - this.#lastMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#lastMs = nowMs;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}

/**
 * Keeps a stranger from flooding the log. Of each event it passes a few at once, then one every ten
 * seconds, which says how many were left out.
 */
export class NoticeLimit {
  readonly #tell: (notice: MqttNotice) => void;
  readonly #clock: () => MonoMs;
  readonly #events = new Map<string, { readonly limit: RateLimit; leftOut: number }>();

  constructor(tell: (notice: MqttNotice) => void, clock: () => MonoMs) {
    this.#tell = tell;
    this.#clock = clock;
  }

  tell(notice: MqttNotice): void {
    const nowMs = this.#clock();
    let event = this.#events.get(notice.event);
    if (event === undefined) {
      event = { limit: new RateLimit(0.1, 5, nowMs), leftOut: 0 };
      this.#events.set(notice.event, event);
    }
    if (!event.limit.allows(nowMs)) {
      event.leftOut += 1;
      return;
    }
    const more = event.leftOut === 0 ? '' : ` (${event.leftOut} more like this before)`;
    event.leftOut = 0;
    this.#tell({ ...notice, detail: notice.detail + more });
  }
}
