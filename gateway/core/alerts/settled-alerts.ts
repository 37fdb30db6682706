import { after } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Alert } from './alert.ts';

/** Settled alerts that are looked at for each one that became durable. */
const COMPACTED_EACH = 4;
/** One timer serves all of them. */
const AUTO_RESOLVE = { type: 'autoResolve' } as const;

/**
 * The settled alerts that nobody has closed yet. The gateway resolves each after `autoResolveMs`,
 * so on a bad day thousands wait. They wait in one line for one timer, and each keeps only what
 * can't be made again.
 */
export class SettledAlerts {
  readonly #context: Context;
  /** The first is the first to be resolved: all wait for the same time. */
  readonly #waiting = new Set<Alert>();
  /** Not compact yet. */
  readonly #large = new Set<Alert>();

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * Its plan is complete, or a receiver has acknowledged as well. The time counts from now,
   * whatever the wall clock says: a clock that was set meanwhile must not end an emergency.
   */
  add(alert: Alert): void {
    if (!this.#waiting.delete(alert)) this.#large.add(alert);
    alert.resolveDueMs = after(this.#context.now.monoMs, this.#context.site.deadlines.autoResolveMs);
    this.#waiting.add(alert);
    this.#await();
  }

  /** The alert is closed. */
  delete(alert: Alert): void {
    this.#large.delete(alert);
    if (this.#waiting.delete(alert)) this.#await();
  }

  /** The alert that the gateway is to resolve now. */
  due(): Alert | undefined {
    const first = this.#first();
    if (first?.resolveDueMs !== undefined && first.resolveDueMs <= this.#context.now.monoMs) return first;
    this.#await();
    return undefined;
  }

  /** Alerts have become durable, so nothing is urgent: makes some compact. */
  compact(durable: number): void {
    let left = COMPACTED_EACH * durable;
    const unfinished: Alert[] = [];
    for (const alert of this.#large) {
      if (left === 0) break;
      left -= 1;
      this.#large.delete(alert);
      if (!alert.compact()) unfinished.push(alert);
    }
    for (const alert of unfinished) this.#large.add(alert);
  }

  #first(): Alert | undefined {
    for (const alert of this.#waiting) return alert;
    return undefined;
  }

  #await(): void {
    const { timers } = this.#context;
    const dueMs = this.#first()?.resolveDueMs;
    if (dueMs === undefined) timers.clear(AUTO_RESOLVE);
    else if (timers.dueMs(AUTO_RESOLVE) !== dueMs) timers.set(AUTO_RESOLVE, dueMs);
  }
}
