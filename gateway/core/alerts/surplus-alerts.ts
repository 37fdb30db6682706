import { after } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Alert } from './alert.ts';
import type { OpenAlerts } from './open-alerts.ts';
import type { SettledAlerts } from './settled-alerts.ts';

/** How many alerts are kept, and how. */
export interface AlertBounds {
  /** Settled alerts that may be open before the gateway resolves old ones. */
  readonly openMax: number;
  /** Of these, so many are kept as they are, and the others packed. */
  readonly fullMax: number;
}

/** Some 1.5 kB of each open alert are in the core, the journal's thread and the broker. */
export const ALERT_BOUNDS: AlertBounds = { openMax: 4_096, fullMax: 512 };

/** Alerts that were settled more recently are kept beyond the bound, */
const OLD_MS = 600_000;
/** up to so many times the bound. */
const YOUNG_MAX_FACTOR = 4;
/** The next press must not wait while thousands are resolved: so many, then a pause. */
const RESOLVED_EACH = 16;
const PAUSE_MS = 20;
/** While presses come, as many as one a pause. */
const RESOLVED_IN_STORM = 1;
/** Alerts that are examined for each that is to be resolved. */
const EXAMINED_EACH = 4;
/** None of the open alerts has others like it. */
const NOTHING_FOUND_MS = 60_000;
/** The next one is not old yet. */
const NOT_OLD_MS = 1_000;

const REASON = 'acknowledged, and too many alerts are open, among them others of its button';

const SURPLUS = { type: 'alertSurplus' } as const;

interface SurplusAlertsDeps {
  readonly settled: SettledAlerts;
  readonly counts: Pick<OpenAlerts, 'alike'>;
  get(id: string): Alert | undefined;
  /** Presses come: some alerts are not durable yet. */
  readonly areUndurable: boolean;
  close(id: string, state: 'resolved', by: string, reason: string): boolean;
}

/**
 * Bounds the memory of alerts that receivers have acknowledged and nobody resolves. Beyond the
 * bound the gateway resolves the oldest of those whose button has another alert of the same kind
 * open. So a button that is pressed ten thousand times a day, by a fault or by mischief, ends no
 * emergency elsewhere and none of its own: one alert of each button and kind always stays. Nor does
 * a receiver hear of an end in the first minutes of an emergency.
 */
export class SurplusAlerts {
  readonly #context: Context;
  readonly #deps: SurplusAlertsDeps;
  readonly #openMax: number;
  /** From the oldest on; what it has passed was the only one of its kind then. */
  #oldest: Iterator<readonly [id: string, agoMs: number]> | undefined;

  constructor(context: Context, deps: SurplusAlertsDeps, openMax: number) {
    this.#context = context;
    this.#deps = deps;
    this.#openMax = openMax;
  }

  /** An alert was settled. */
  settled(): void {
    if (!this.#isOver) return;
    const { timers, now } = this.#context;
    const dueMs = timers.dueMs(SURPLUS);
    if (dueMs === undefined || (this.#isFull && dueMs > after(now.monoMs, PAUSE_MS))) this.#await(PAUSE_MS);
  }

  due(): void {
    let left = this.#deps.areUndurable ? RESOLVED_IN_STORM : RESOLVED_EACH;
    for (let examined = EXAMINED_EACH * left; examined > 0 && left > 0 && this.#isOver; examined--) {
      this.#oldest ??= this.#deps.settled.ages();
      const next = this.#oldest.next();
      if (next.done === true || (next.value[1] < OLD_MS && !this.#isFull)) {
        this.#oldest = undefined;
        this.#await(next.done === true ? NOTHING_FOUND_MS : NOT_OLD_MS);
        return;
      }
      const [id] = next.value;
      const alert = this.#deps.get(id);
      if (alert === undefined || this.#deps.counts.alike(alert) < 2) continue;
      left -= 1;
      this.#deps.close(id, 'resolved', 'gateway', REASON);
    }
    if (this.#isOver) this.#await(PAUSE_MS);
    else this.#oldest = undefined;
  }

  get #isOver(): boolean {
    return this.#deps.settled.size > this.#openMax;
  }

  get #isFull(): boolean {
    return this.#deps.settled.size > YOUNG_MAX_FACTOR * this.#openMax;
  }

  #await(ms: number): void {
    this.#context.timers.set(SURPLUS, after(this.#context.now.monoMs, ms));
  }
}
