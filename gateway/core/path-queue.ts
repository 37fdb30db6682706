import type { Context } from './context.ts';
import { type Delivery, goesBefore, isFreshAlarm, type Probe } from './delivery.ts';
import { attemptRecord, outcomeRecord } from './delivery-records.ts';
import { PriorityQueue } from './priority-queue.ts';
import type { Outcome, Report } from './report.ts';
import type { Path } from './site.ts';

export interface PathQueueEvents {
  sent(delivery: Delivery, atMs: number): void;
  settled(delivery: Delivery): void;
  attemptFailed(delivery: Delivery): void;
  clockRefused(refused: boolean): void;
  /** An answer of any kind proves the path; no answer doubts it. */
  reached(rttMs: number): void;
  unreached(detail: string): void;
  probeAnswered(outcome: Outcome): void;
}

interface InFlight {
  readonly attempt: number;
  readonly startedMs: number;
  readonly work: { readonly delivery: Delivery } | { readonly probe: Probe };
}

/** After this many NAKs in a row to one report its next try waits like any failed one. */
const QUICK_TIME_CORRECTIONS = 2;
/** A path that hangs in hold-off is still tried at once for a fresh alarm, but no more often than this. */
const FRESH_ALARM_GAP_MS = 250;
/** What has waited this long for its answer gives its slot to a fresh alarm that finds none free: a poll at once, a fresh alarm never. */
const YIELD_AFTER_MS = 250;

/**
 * The reports waiting for one path, most urgent first, and the attempts under way: at most `path.parallel` at once, one only while the
 * path does not answer. Tries never run out. Decides when to send and how long to wait; what an outcome means for the alert is the
 * dispatcher's.
 */
export class PathQueue {
  readonly path: Path;
  clockOffsetMs = 0;
  readonly #context: Context;
  readonly #events: PathQueueEvents;
  readonly #ready = new PriorityQueue<Delivery>(goesBefore);
  readonly #open = new Map<string, Delivery>();
  readonly #inFlight = new Map<number, InFlight>();
  #failuresInRow = 0;
  #lastFailureMs = Number.NEGATIVE_INFINITY;
  #holdUntilMs = Number.NEGATIVE_INFINITY;
  #lastForcedMs = Number.NEGATIVE_INFINITY;

  constructor(path: Path, context: Context, events: PathQueueEvents) {
    this.path = path;
    this.#context = context;
    this.#events = events;
  }

  /** Reports not yet settled on this path. */
  get depth(): number {
    return this.#open.size;
  }

  get busy(): boolean {
    return this.#inFlight.size > 0;
  }

  submit(delivery: Delivery): void {
    this.#open.set(delivery.report.id, delivery);
    this.#ready.push(delivery);
    this.pump();
  }

  /** The report was acknowledged elsewhere: no further attempt here. One that is under way may end. */
  withdraw(reportId: string): void {
    const delivery = this.#open.get(reportId);
    if (delivery === undefined) return;
    this.#open.delete(reportId);
    this.#context.timers.clear(this.#retryKey(reportId));
    if (delivery.state !== 'sending') delivery.state = 'withdrawn';
  }

  probe(probe: Probe): void {
    this.#begin({ probe }, probe.sequence, 0, probe.report);
  }

  sent(attempt: number, atMs: number): void {
    const flight = this.#inFlight.get(attempt);
    if (flight !== undefined && 'delivery' in flight.work) this.#events.sent(flight.work.delivery, atMs);
  }

  outcome(attempt: number, outcome: Outcome): void {
    const flight = this.#land(attempt);
    if (flight === undefined) return;
    if (outcome.type === 'failed') this.#unreached(flight, outcome.detail);
    else this.#reached(flight);
    if (outcome.type === 'wrongTime' && outcome.receiverTimeMs !== undefined) {
      this.clockOffsetMs = Math.round(outcome.receiverTimeMs - this.#context.now.wallMs);
    }
    if ('probe' in flight.work) this.#events.probeAnswered(outcome);
    else this.#settle(flight.work.delivery, outcome);
    this.pump();
  }

  attemptTimedOut(attempt: number): void {
    const flight = this.#land(attempt);
    if (flight === undefined) return;
    const detail = 'no answer in time';
    this.#context.emit({ type: 'abandon', path: this.path.id, attempt });
    this.#unreached(flight, detail);
    if ('probe' in flight.work) this.#events.probeAnswered({ type: 'failed', reason: 'unreachable', detail });
    else this.#settle(flight.work.delivery, { type: 'failed', reason: 'unreachable', detail });
    this.pump();
  }

  retryDue(reportId: string): void {
    const delivery = this.#open.get(reportId);
    if (delivery?.state === 'waiting') this.#requeue(delivery);
    this.pump();
  }

  /** Starts as many attempts as there are free slots. */
  pump(): void {
    for (let next = this.#nextReady(); next !== undefined; next = this.#nextReady()) {
      const isFresh = isFreshAlarm(next);
      if (this.#inFlight.size >= this.#slots(isFresh) && !(isFresh && this.#yieldSlot())) return;
      const { monoMs } = this.#context.now;
      const holdUntilMs = this.#holdUntil(isFresh);
      if (monoMs < holdUntilMs) {
        this.#pumpAt(holdUntilMs);
        return;
      }
      if (monoMs < this.#holdUntilMs) this.#lastForcedMs = monoMs;
      this.#ready.pop();
      next.state = 'sending';
      next.attempts += 1;
      this.#begin({ delivery: next }, next.sequence, next.format, next.report);
    }
  }

  /** The next delivery that still waits to be sent. */
  #nextReady(): Delivery | undefined {
    for (let first = this.#ready.peek(); first !== undefined; first = this.#ready.peek()) {
      if (first.state === 'queued') return first;
      this.#ready.pop();
    }
    return undefined;
  }

  #slots(isFresh: boolean): number {
    return this.#failuresInRow > 0 && !isFresh ? 1 : this.path.parallel;
  }

  #holdUntil(isFresh: boolean): number {
    return isFresh ? Math.min(this.#holdUntilMs, this.#lastForcedMs + FRESH_ALARM_GAP_MS) : this.#holdUntilMs;
  }

  #pumpAt(dueMs: number): void {
    this.#context.timers.set(`holdOff:${this.path.id}`, dueMs, { type: 'holdOffEnd', path: this.path.id });
  }

  #begin(work: InFlight['work'], sequence: number, format: number, report: Report | undefined): void {
    const { now, timers } = this.#context;
    const attempt = this.#context.nextAttempt();
    const path = this.path.id;
    this.#inFlight.set(attempt, { attempt, startedMs: now.monoMs, work });
    const base = { attempt, path, sequence, clockOffsetMs: this.clockOffsetMs, format };
    this.#context.emit({ type: 'send', attempt: report === undefined ? base : { ...base, report } });
    const failures = 'delivery' in work ? work.delivery.failures : 0;
    const limit = backOff(this.path.attemptTimeoutMs, this.path.attemptTimeoutMaxMs, failures);
    timers.set(this.#attemptKey(attempt), now.monoMs + limit, { type: 'attemptTimeout', path, attempt });
    if ('delivery' in work) this.#context.journal(attemptRecord(work.delivery, path, now.wallMs));
  }

  #land(attempt: number): InFlight | undefined {
    const flight = this.#inFlight.get(attempt);
    this.#inFlight.delete(attempt);
    this.#context.timers.clear(this.#attemptKey(attempt));
    return flight;
  }

  #reached(flight: InFlight): void {
    const outage = this.#failuresInRow > 1;
    this.#failuresInRow = 0;
    this.#holdUntilMs = Number.NEGATIVE_INFINITY;
    this.#context.timers.clear(`holdOff:${this.path.id}`);
    this.#events.reached(this.#context.now.monoMs - flight.startedMs);
    // After an outage every report goes again at once. After a single failure they keep their own waits, or one report that
    // makes the receiver hang would be retried before all others for ever.
    if (outage) for (const delivery of this.#open.values()) if (delivery.state === 'waiting') this.#requeue(delivery);
  }

  #unreached(flight: InFlight, detail: string): void {
    const { monoMs } = this.#context.now;
    // Several connections that end together are one failure, not several.
    if (flight.startedMs < this.#lastFailureMs) return;
    this.#lastFailureMs = monoMs;
    this.#failuresInRow += 1;
    this.#holdUntilMs = monoMs + backOff(this.path.retryMs, this.path.retryMaxMs, this.#failuresInRow - 1);
    this.#events.unreached(detail);
  }

  #settle(delivery: Delivery, outcome: Outcome): void {
    this.#context.journal(outcomeRecord(delivery, this.path.id, outcome, this.#context.now.wallMs));
    if (outcome.type === 'receiverAcknowledged' || outcome.type === 'handedOver') {
      delivery.state = outcome.type === 'handedOver' ? 'handedOver' : 'acknowledged';
      this.#events.clockRefused(false);
      this.#open.delete(delivery.report.id);
      this.#events.settled(delivery);
      return;
    }
    if (!this.#open.has(delivery.report.id)) {
      delivery.state = 'withdrawn';
      return;
    }
    if (outcome.type === 'notUnderstood') this.#nextFormat(delivery);
    else if (outcome.type === 'wrongTime') this.#correctTime(delivery);
    else this.#wait(delivery);
  }

  /** DC-09: a DUH means the content can't be processed, so the same content is never sent again; another format may be. */
  #nextFormat(delivery: Delivery): void {
    if (delivery.format + 1 < this.path.formats) {
      delivery.format += 1;
      this.#requeue(delivery);
      return;
    }
    delivery.state = 'refused';
    this.#open.delete(delivery.report.id);
    this.#events.settled(delivery);
  }

  /** DC-09: a NAK means the time stamp failed the receiver's window; same sequence number, new stamp, at once. */
  #correctTime(delivery: Delivery): void {
    delivery.wrongTimes += 1;
    if (delivery.wrongTimes <= QUICK_TIME_CORRECTIONS) {
      this.#requeue(delivery);
      return;
    }
    this.#events.clockRefused(true);
    this.#wait(delivery);
  }

  #wait(delivery: Delivery): void {
    delivery.state = 'waiting';
    delivery.failures += 1;
    const wait = backOff(this.path.retryMs, this.path.retryMaxMs, delivery.failures - 1);
    const report = delivery.report.id;
    const dueMs = this.#context.now.monoMs + wait;
    this.#context.timers.set(this.#retryKey(report), dueMs, { type: 'deliveryRetry', path: this.path.id, report });
    this.#events.attemptFailed(delivery);
  }

  #requeue(delivery: Delivery): void {
    this.#context.timers.clear(this.#retryKey(delivery.report.id));
    delivery.state = 'queued';
    this.#ready.push(delivery);
  }

  /**
   * Frees the slot of what can wait, for a fresh alarm: one report that makes the receiver hang must not keep an alarm waiting for as
   * long as its own time-out, which grows.
   */
  #yieldSlot(): boolean {
    const flight = this.#leastUrgent();
    if (flight === undefined) return false;
    const { work, attempt, startedMs } = flight;
    if ('delivery' in work && this.#context.now.monoMs < startedMs + YIELD_AFTER_MS) {
      this.#pumpAt(startedMs + YIELD_AFTER_MS);
      return false;
    }
    this.#land(attempt);
    this.#context.emit({ type: 'abandon', path: this.path.id, attempt });
    const gaveWay = { type: 'failed', reason: 'closed', detail: 'gave way to an alarm' } as const;
    if ('probe' in work) this.#events.probeAnswered(gaveWay);
    else this.#settle(work.delivery, gaveWay);
    return true;
  }

  /** A poll if there is one, else the oldest attempt that is not an alarm's first. */
  #leastUrgent(): InFlight | undefined {
    let oldest: InFlight | undefined;
    for (const flight of this.#inFlight.values()) {
      if ('probe' in flight.work) return flight;
      const { report, attempts } = flight.work.delivery;
      if (report.class !== 'alarm' || attempts > 1) oldest ??= flight;
    }
    return oldest;
  }

  #attemptKey(attempt: number): string {
    return `attempt:${attempt}`;
  }

  #retryKey(report: string): string {
    return `retry:${this.path.id}:${report}`;
  }
}

/** `first` doubled `failures` times, at most `max`. */
function backOff(first: number, max: number, failures: number): number {
  return Math.min(max, first * 2 ** Math.min(failures, 20));
}
