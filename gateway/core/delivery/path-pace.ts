import type { Report } from '../report.ts';
import { reportText } from '../report-text.ts';
import type { Path } from '../site.ts';
import { AirTimeBudget } from './air-time.ts';
import type { Delivery } from './delivery.ts';

/** A path that hangs in hold-off is still tried at once for a fresh alarm, but no more often than this. */
const FRESH_ALARM_GAP_MS = 250;

/** How soon one path may be tried again: hold-off while it does not answer, and the air time of a shared channel. */
export class PathPace {
  readonly #path: Path;
  readonly #airTime: AirTimeBudget | undefined;
  #failuresInRow = 0;
  #lastFailureMs = Number.NEGATIVE_INFINITY;
  #holdUntilMs = Number.NEGATIVE_INFINITY;
  #lastForcedMs = Number.NEGATIVE_INFINITY;

  constructor(path: Path) {
    this.#path = path;
    this.#airTime = path.airTime === undefined ? undefined : new AirTimeBudget(path.airTime);
  }

  /**
   * Attempts that may be under way at once: one only while the path does not answer, and on a slow link, whose other slots are kept for
   * first alarms.
   */
  slots(isFresh: boolean): number {
    const one = this.#failuresInRow > 0 || this.#path.digest !== undefined;
    return one && !isFresh ? 1 : this.#path.parallel;
  }

  /** The earliest monotonic ms at which a text of so many characters may go; now, if it may. */
  dueMs(nowMs: number, characters: number, isFresh: boolean): number {
    const heldMs = isFresh ? Math.min(this.#holdUntilMs, this.#lastForcedMs + FRESH_ALARM_GAP_MS) : this.#holdUntilMs;
    const airTime = this.#airTime;
    return airTime === undefined
      ? heldMs
      : Math.max(heldMs, airTime.allowedMs(nowMs, airTime.costMs(characters), isFresh));
  }

  /** Is there air time for the report, or for a poll, now? */
  hasAir(nowMs: number, report: Report | undefined): boolean {
    const airTime = this.#airTime;
    return airTime === undefined || airTime.allowedMs(nowMs, airTime.costMs(this.#characters(report)), false) <= nowMs;
  }

  /** The report, or a poll, goes out. */
  sends(nowMs: number, report: Report | undefined): void {
    if (nowMs < this.#holdUntilMs) this.#lastForcedMs = nowMs;
    this.#airTime?.spend(nowMs, this.#airTime.costMs(this.#characters(report)));
  }

  /** The path answered; true if that ends an outage of more than one failure. */
  reached(): boolean {
    const outage = this.#failuresInRow > 1;
    this.#failuresInRow = 0;
    this.#holdUntilMs = Number.NEGATIVE_INFINITY;
    return outage;
  }

  /** An attempt begun at `startedMs` came to nothing; false if it ended together with others, which are one failure. */
  failed(nowMs: number, startedMs: number): boolean {
    if (startedMs < this.#lastFailureMs) return false;
    this.#lastFailureMs = nowMs;
    this.#failuresInRow += 1;
    this.#holdUntilMs = nowMs + backOff(this.#path.retryMs, this.#path.retryMaxMs, this.#failuresInRow - 1);
    return true;
  }

  /** How long a delivery that has just failed waits. Licences may bound repeats: so many in a row, then a rest. Tries never run out. */
  retryMs(delivery: Delivery): number {
    const { airTime, retryMs, retryMaxMs } = this.#path;
    const wait = backOff(retryMs, retryMaxMs, delivery.failures - 1);
    return this.rests(delivery) ? Math.max(wait, airTime?.restMs ?? 0) : wait;
  }

  /** It has been sent as often in a row as may be. */
  rests({ attempts }: Delivery): boolean {
    const { airTime } = this.#path;
    return airTime !== undefined && attempts % airTime.repeatsMax === 0;
  }

  /** With the doors that are told behind the text where there is room. */
  #characters(report: Report | undefined): number {
    const most = this.#path.digest?.characters ?? Number.POSITIVE_INFINITY;
    return report === undefined ? 0 : reportText(report, most).length;
  }

  /** Longest wait for the answer to an attempt of a delivery that has failed so often. */
  timeoutMs(failures: number): number {
    return backOff(this.#path.attemptTimeoutMs, this.#path.attemptTimeoutMaxMs, failures);
  }
}

/** `first` doubled `failures` times, at most `max`. */
function backOff(first: number, max: number, failures: number): number {
  return Math.min(max, first * 2 ** Math.min(failures, 20));
}
