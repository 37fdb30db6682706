import { after, earlier, LONG_AGO_MS, later, type MonoMs } from '../../../protocol/clocks.ts';
import type { Report } from '../report.ts';
import { reportText } from '../report-text.ts';
import type { Path } from '../site.ts';
import { AirTimeBudget } from './air-time.ts';
import { RETRY_AFTER_MS_MAX } from './attempt-end.ts';
import { type Delivery, type FailedEnd, isLinkEnd } from './delivery.ts';

/** A path in hold-off is still tried at once for a fresh alarm, but no more often than this. */
const FRESH_ALARM_GAP_MS = 250;
/**
 * As above while the far end itself has asked for a rest: a limiter that counts what it refuses
 * would never open again.
 */
const ASKED_FRESH_ALARM_GAP_MS = 5_000;
/**
 * Alarms that were tried before share the hold-off, so that each gets its turn, but no more often
 * than this.
 */
const ALARM_GAP_MS_MIN = 250;
/**
 * While reports fail, a report that is no alarm gets its turn this often. Alarms that are refused
 * again and again must not hold up cancels, restores and troubles.
 */
const OTHERS_GAP_MS_MIN = 60_000;
/** An alarm that the far end can't process in any format is tried again at least this often. */
const CONTENT_RETRY_MS_MAX = 3_600_000;

/**
 * The turn of a report that is no alarm: behind all alarms, while the alarms have to wait, or
 * before the alarms that were tried.
 */
export type OthersTurn = 'behindAlarms' | 'besideAlarms' | 'beforeTriedAlarms';

/** The report to send next, and how many alarms wait with it. */
export interface NextUp {
  readonly isFresh: boolean;
  readonly isAlarm: boolean;
  readonly characters: number;
  readonly openAlarms: number;
}

/**
 * How soon one path may be tried again: hold-off after reports that failed, what the far end asks
 * for, and the air time of a shared channel. Polls never begin or lengthen a hold-off; one that
 * succeeds ends only a hold-off for want of an answer.
 */
export class PathPace {
  readonly #path: Path;
  readonly #airTime: AirTimeBudget | undefined;
  /** Failed reports in a row. */
  #failuresInRow = 0;
  /** Attempts of any kind that nobody answered, in a row. */
  #unansweredInRow = 0;
  #lastEnd: FailedEnd = 'unreached';
  #lastFailureMs = LONG_AGO_MS;
  #lastPollFailureMs = LONG_AGO_MS;
  #holdUntilMs = LONG_AGO_MS;
  #askedUntilMs = LONG_AGO_MS;
  /** When the present rest began, or the last one. */
  #restBeganMs = LONG_AGO_MS;
  #lastForcedMs = LONG_AGO_MS;
  #lastAlarmMs = LONG_AGO_MS;
  /** When a report that is no alarm last went, or when reports began to fail. */
  #lastOtherMs = LONG_AGO_MS;

  constructor(path: Path) {
    this.#path = path;
    this.#airTime = path.airTime === undefined ? undefined : new AirTimeBudget(path.airTime);
  }

  /**
   * Attempts that may be under way at once: one only while reports fail, and on a slow link, whose
   * other slots are kept for first alarms.
   */
  slots(isFresh: boolean): number {
    const one = this.#failuresInRow > 0 || this.#path.digest !== undefined;
    return one && !isFresh ? 1 : this.#path.parallel;
  }

  /** The last report did not reach the far end, nor has anything since. */
  get isCutOff(): boolean {
    return this.#failuresInRow > 0 && this.#lastEnd === 'unreached';
  }

  /** The far end has asked for no attempt before this, monotonic ms. */
  get askedUntilMs(): MonoMs {
    return this.#askedUntilMs;
  }

  /**
   * The turn of a report that is no alarm. While reports fail, it may go while the alarms have to
   * wait. Once a minute it goes before the alarms that were refused. It does not if the far end
   * answers nothing, because it would take an alarm's time, or if a rest has just ended.
   */
  othersTurn(nowMs: MonoMs): OthersTurn {
    if (this.#failuresInRow === 0) return 'behindAlarms';
    const isOwed = nowMs >= this.#othersOwedMs && this.#lastAlarmMs >= this.#askedUntilMs;
    return isOwed && !isLinkEnd(this.#lastEnd) ? 'beforeTriedAlarms' : 'besideAlarms';
  }

  get #othersOwedMs(): MonoMs {
    return after(this.#lastOtherMs, Math.max(OTHERS_GAP_MS_MIN, this.#path.retryMsMax));
  }

  /** The earliest monotonic ms at which the report may go. It may go now if that has passed. */
  dueMs(nowMs: MonoMs, next: NextUp): MonoMs {
    const heldMs = later(this.#heldUntilMs(next), this.#askedFor(next));
    const airTime = this.#airTime;
    return airTime === undefined
      ? heldMs
      : later(heldMs, airTime.allowedMs(nowMs, airTime.costMs(next.characters), next.isFresh));
  }

  #heldUntilMs({ isFresh, isAlarm, openAlarms }: NextUp): MonoMs {
    if (isFresh) return earlier(this.#holdUntilMs, after(this.#lastForcedMs, FRESH_ALARM_GAP_MS));
    if (!isAlarm) return earlier(this.#holdUntilMs, this.#othersOwedMs);
    const gapMs = Math.max(ALARM_GAP_MS_MIN, this.#path.retryMsMax / openAlarms);
    return earlier(this.#holdUntilMs, after(this.#lastAlarmMs, gapMs));
  }

  #askedFor({ isFresh, isAlarm }: NextUp): MonoMs {
    if (isFresh) return earlier(this.#askedUntilMs, after(this.#lastForcedMs, ASKED_FRESH_ALARM_GAP_MS));
    return isAlarm ? this.#askedUntilMs : earlier(this.#askedUntilMs, after(this.#lastOtherMs, RETRY_AFTER_MS_MAX));
  }

  /** True if the channel has air time for the report, or for a poll, now. */
  hasAir(nowMs: MonoMs, report: Report | undefined): boolean {
    const airTime = this.#airTime;
    return airTime === undefined || airTime.allowedMs(nowMs, airTime.costMs(this.#characters(report)), false) <= nowMs;
  }

  /** A poll goes out. */
  polls(nowMs: MonoMs, report: Report | undefined): void {
    this.#airTime?.spend(nowMs, this.#airTime.costMs(this.#characters(report)));
  }

  /** @param isAhead the report goes ahead of the one whose turn it is */
  sends(nowMs: MonoMs, report: Report, isAhead: boolean): void {
    if (!isAhead && (nowMs < this.#holdUntilMs || nowMs < this.#askedUntilMs)) this.#lastForcedMs = nowMs;
    if (report.class !== 'alarm') this.#lastOtherMs = nowMs;
    else if (!isAhead) this.#lastAlarmMs = nowMs;
    this.#airTime?.spend(nowMs, this.#airTime.costMs(this.#characters(report)));
  }

  /** The attempt begun at `startedMs` ended before its first byte left, so it took no air time. */
  neverSent(startedMs: MonoMs, report: Report | undefined): void {
    this.#airTime?.giveBack(startedMs, this.#airTime.costMs(this.#characters(report)));
  }

  /** The far end accepted a report; true if that ends an outage of more than one failure. */
  accepted(): boolean {
    const outage = Math.max(this.#failuresInRow, this.#unansweredInRow) > 1;
    this.#failuresInRow = 0;
    this.#unansweredInRow = 0;
    this.#holdUntilMs = LONG_AGO_MS;
    this.#askedUntilMs = LONG_AGO_MS;
    return outage;
  }

  /**
   * The far end answered, but has accepted no report; true if that ends an outage in which nobody
   * answered.
   */
  answered(): boolean {
    const outage = this.#unansweredInRow > 1;
    this.#unansweredInRow = 0;
    if (!isLinkEnd(this.#lastEnd)) return false;
    this.#failuresInRow = 0;
    this.#holdUntilMs = LONG_AGO_MS;
    return outage;
  }

  /**
   * An attempt of a report begun at `startedMs` failed; false if it ended together with others,
   * which are one failure.
   *
   * @param askedMs how long the far end asks for a rest; 0: it does not
   */
  failed(nowMs: MonoMs, startedMs: MonoMs, end: FailedEnd, askedMs: number): boolean {
    if (askedMs > 0) this.#asked(nowMs, askedMs);
    if (startedMs < this.#lastFailureMs) return false;
    this.#lastFailureMs = nowMs;
    if (this.#failuresInRow === 0) this.#lastOtherMs = later(this.#lastOtherMs, nowMs);
    this.#lastEnd = end;
    this.#failuresInRow += 1;
    this.#unansweredInRow = isLinkEnd(end) ? this.#unansweredInRow + 1 : 0;
    const waitMs = backOff(this.#path.retryMs, this.#path.retryMsMax, this.#failuresInRow - 1);
    this.#holdUntilMs = after(nowMs, waitMs);
    return true;
  }

  /**
   * A new alarm is tried even in a rest. The far end's answer to it must not put off for ever the
   * alarms that wait for the end of the rest.
   */
  #asked(nowMs: MonoMs, askedMs: number): void {
    if (nowMs >= this.#askedUntilMs) this.#restBeganMs = nowMs;
    const untilMs = later(this.#askedUntilMs, after(nowMs, askedMs));
    this.#askedUntilMs = earlier(untilMs, after(this.#restBeganMs, RETRY_AFTER_MS_MAX));
  }

  /**
   * A poll begun at `startedMs` failed. That says nothing about reports. False if the poll ended
   * together with another attempt.
   */
  pollFailed(nowMs: MonoMs, startedMs: MonoMs, end: FailedEnd): boolean {
    if (startedMs < this.#lastFailureMs || startedMs < this.#lastPollFailureMs) return false;
    this.#lastPollFailureMs = nowMs;
    if (isLinkEnd(end)) this.#unansweredInRow += 1;
    return true;
  }

  /**
   * How long a delivery waits that has just failed. A licence may bound repeats: a number in a row,
   * then a rest. An alarm never runs out of tries: whatever the far end answers to its content, the
   * wait grows to an hour and no longer.
   */
  retryMs(delivery: Delivery): number {
    const { airTime, retryMs, retryMsMax } = this.#path;
    const { failures, contentRefusals, lastEnd } = delivery;
    const wait =
      lastEnd === 'content'
        ? backOff(retryMs, Math.max(retryMsMax, CONTENT_RETRY_MS_MAX), contentRefusals - 1)
        : backOff(retryMs, retryMsMax, failures - 1);
    return this.rests(delivery) ? Math.max(wait, airTime?.restMs ?? 0) : wait;
  }

  /**
   * True if the delivery has been sent as often in a row as the licence allows. An attempt that
   * never left (the TNC is not open) used no channel and does not count.
   */
  rests({ transmissions, wasSent }: Delivery): boolean {
    const { airTime } = this.#path;
    return airTime !== undefined && wasSent && transmissions % airTime.repeatsMax === 0;
  }

  /** Length of the text, with the doors behind it where there is room. */
  #characters(report: Report | undefined): number {
    const most = this.#path.digest?.characters ?? Number.POSITIVE_INFINITY;
    return report === undefined ? 0 : reportText(report, most).length;
  }

  /** Longest wait for an answer, ms, to an attempt of a delivery with this many failures. */
  timeoutMs(failures: number): number {
    return backOff(this.#path.attemptTimeoutMs, this.#path.attemptTimeoutMsMax, failures);
  }
}

/** `first` doubled `failures` times, at most `max`. */
function backOff(first: number, max: number, failures: number): number {
  return Math.min(max, first * 2 ** Math.min(failures, 20));
}
