import { after, type MonoMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Alert } from './alert.ts';

/** How many settled alerts are examined for each one that became durable. */
const COMPACTED_EACH = 4;
/** One timer serves all of them. */
const AUTO_RESOLVE = { type: 'autoResolve' } as const;

/**
 * The settled alerts that nobody has closed yet. The gateway resolves each after `autoResolveMs`,
 * so on a bad day thousands wait. They share one queue and one timer, and each keeps only what
 * can't be rebuilt.
 */
export class SettledAlerts {
  readonly #context: Context;
  /**
   * When each is resolved, monotonic ms, by id. The first is the first: all wait for the same time.
   */
  readonly #waiting = new Map<string, MonoMs>();
  /** Not compact yet. */
  readonly #large = new Set<Alert>();
  readonly #compacted: (alert: Alert) => void;

  /** @param compacted an alert has become compact */
  constructor(context: Context, compacted: (alert: Alert) => void) {
    this.#context = context;
    this.#compacted = compacted;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** The longest settled first, with how long ago that was. What is settled meanwhile follows. */
  *ages(): Generator<readonly [id: string, agoMs: number]> {
    const { autoResolveMs } = this.#context.site.deadlines;
    for (const [id, dueMs] of this.#waiting) yield [id, this.#context.now.monoMs - (dueMs - autoResolveMs)];
  }

  /**
   * The alert's plan is complete, or a receiver has acknowledged as well. The time counts from now
   * and ignores the wall clock: a changed clock must not end an emergency.
   */
  add(alert: Alert): void {
    if (!this.#waiting.delete(alert.id)) this.#large.add(alert);
    const { now, site } = this.#context;
    this.#waiting.set(alert.id, after(now.monoMs, site.deadlines.autoResolveMs));
    this.#await();
  }

  /** The longest time for which a settled alert stays open has changed by `ms`. */
  postpone(ms: number): void {
    for (const [id, dueMs] of this.#waiting) this.#waiting.set(id, after(dueMs, ms));
    this.#await();
  }

  /** The alert is closed. */
  delete(alert: Alert): void {
    this.#large.delete(alert);
    if (this.#waiting.delete(alert.id)) this.#await();
  }

  /** Id of the alert that the gateway is to resolve now. */
  due(): string | undefined {
    const [first] = this.#waiting;
    if (first !== undefined && first[1] <= this.#context.now.monoMs) return first[0];
    this.#await();
    return undefined;
  }

  /** Alerts have become durable, so nothing is urgent: compacts some of them. */
  compact(durable: number): void {
    let left = COMPACTED_EACH * durable;
    const unfinished: Alert[] = [];
    for (const alert of this.#large) {
      if (left === 0) break;
      left -= 1;
      this.#large.delete(alert);
      if (alert.compact()) this.#compacted(alert);
      else unfinished.push(alert);
    }
    for (const alert of unfinished) this.#large.add(alert);
  }

  #await(): void {
    const { timers } = this.#context;
    const [dueMs] = this.#waiting.values();
    if (dueMs === undefined) timers.clear(AUTO_RESOLVE);
    else if (timers.dueMs(AUTO_RESOLVE) !== dueMs) timers.set(AUTO_RESOLVE, dueMs);
  }
}
