import { after, earlier, type MonoMs, NEVER_MS } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../report.ts';
import type { Path } from '../site.ts';
import { askedWaitMs, failedEnd, GAVE_WAY, TIMED_OUT } from './attempt-end.ts';
import { type Delivery, isAlarm, isFreshAlarm, isLinkEnd, type Probe, partsOf } from './delivery.ts';
import { DigestBuilder } from './digest-builder.ts';
import { Flights, type InFlight } from './in-flight.ts';
import { OpenReports } from './open-reports.ts';
import { PathPace } from './path-pace.ts';
import type { PathSupervision, SupervisedQueue } from './path-supervision.ts';
import { FRESH_ALARM_WAIT_MS, ReadyReports } from './ready-reports.ts';
import type { NakMeaning } from './receiver-clock.ts';
import { Retries } from './retries.ts';
import { endedElsewhere, Settlement } from './settlement.ts';

interface PathQueueEvents {
  nextSequence(): number;
  sent(delivery: Delivery, atMs: MonoMs): void;
  settled(delivery: Delivery): void;
  attemptFailed(delivery: Delivery): void;
}

/**
 * An attempt that has waited this long for its answer gives up its slot to a fresh alarm that finds
 * none free. A poll gives it up at once, a fresh alarm never.
 */
const YIELD_AFTER_MS = 250;
/**
 * The reports waiting for one path, most urgent first, and the attempts under way: at most
 * `path.parallel`, and only one while reports fail. Attempts never run out. The queue decides when
 * to send and how long to wait. The dispatcher decides what an outcome means for the alert, and the
 * supervision what it says about the path.
 */
export class PathQueue implements SupervisedQueue {
  readonly path: Path;
  readonly #context: Context;
  readonly #supervision: PathSupervision;
  readonly #events: PathQueueEvents;
  readonly #ready = new ReadyReports();
  readonly #open = new OpenReports();
  readonly #inFlight: Flights;
  readonly #digests: DigestBuilder | undefined;
  readonly #pace: PathPace;
  readonly #retries: Retries;
  readonly #settlement: Settlement;
  /** The attempt that went ahead of this alarm. The alarm waits for its end. */
  #ahead: { readonly of: Delivery; readonly attempt: number } | undefined;
  /** When to examine the queue again, monotonic ms, as far as this pass has found. */
  #lookAgainMs = NEVER_MS;

  constructor(path: Path, context: Context, supervision: PathSupervision, events: PathQueueEvents) {
    this.path = path;
    this.#context = context;
    this.#supervision = supervision;
    this.#events = events;
    this.#digests = path.digest === undefined ? undefined : new DigestBuilder(path.id, path.digest, context);
    this.#pace = new PathPace(path);
    this.#retries = new Retries(path.id, context, { open: this.#open, ready: this.#ready, pace: this.#pace });
    this.#settlement = new Settlement(path, context, {
      open: this.#open,
      retries: this.#retries,
      supervision,
      settled: (delivery) => events.settled(delivery),
      attemptFailed: (delivery) => events.attemptFailed(delivery),
    });
    this.#inFlight = new Flights(path.id, context);
  }

  get depth(): number {
    return this.#open.size;
  }

  get busy(): boolean {
    return this.#inFlight.size > 0;
  }

  get hasFailedAlarm(): boolean {
    return this.#open.hasFailedAlarm;
  }

  get hasFailed(): boolean {
    return this.#open.hasFailed;
  }

  /** Not a slow link, where every message counts. */
  get #isFast(): boolean {
    return this.path.digest === undefined && this.path.airTime === undefined;
  }

  /** The report is open, and an attempt or a timer will go on with it. */
  goesOn(report: string): boolean {
    if (this.#open.get(report) === undefined) return false;
    const { timers } = this.#context;
    return this.busy || timers.has({ type: 'holdOffEnd', path: this.path.id }) || this.#retries.isWaiting(report);
  }

  /** The far end has asked us to wait: another path should join at once. */
  get rests(): boolean {
    return this.#pace.askedUntilMs > this.#context.now.monoMs;
  }

  submit(delivery: Delivery): void {
    if (this.#digests !== undefined) delivery.leading = this.#digests.leads(delivery) && delivery.attempts === 0;
    this.#open.add(delivery);
    this.#enqueue(delivery);
    this.pump();
  }

  /**
   * Another path got the acknowledgement: no further attempt here. An attempt under way may end.
   */
  withdraw(reportId: string): void {
    const delivery = this.#open.get(reportId);
    if (delivery === undefined) return;
    this.#open.close(delivery);
    this.#retries.cancel(reportId);
    // The receiver may be about to take it: its answer decides.
    if (delivery.state !== 'sending') delivery.state = endedElsewhere(delivery);
  }

  /**
   * A reload replaces or removes the path. Drops every attempt, and returns the unsettled reports
   * in the order they were submitted.
   */
  close(): readonly Delivery[] {
    const open = [...this.#open.all()];
    this.#retries.cancelAll();
    for (const { work } of this.#inFlight.dropAll()) {
      if ('probe' in work) continue;
      for (const each of partsOf(work.delivery)) if (!this.#open.has(each)) each.state = endedElsewhere(each);
    }
    this.#context.timers.clear({ type: 'holdOffEnd', path: this.path.id });
    return open;
  }

  probe(probe: Probe): void {
    const { monoMs } = this.#context.now;
    // Alerts have the air first. This poll is skipped; the next one has its own time.
    if (!this.#pace.hasAir(monoMs, probe.report)) return;
    this.#pace.polls(monoMs, probe.report);
    this.#begin({ probe });
  }

  sent(attempt: number, atMs: MonoMs): void {
    const flight = this.#inFlight.get(attempt);
    if (flight === undefined || flight.sentMs !== undefined) return;
    flight.sentMs = atMs;
    if ('probe' in flight.work) return;
    const { delivery } = flight.work;
    noteSent(delivery);
    for (const member of delivery.members ?? []) noteSent(member);
    for (const each of partsOf(delivery)) this.#events.sent(each, atMs);
  }

  /** Late news of an abandoned attempt is normal, and has no meaning any more. */
  outcome(attempt: number, outcome: Outcome): void {
    const flight = this.#inFlight.land(attempt);
    if (flight !== undefined) this.#ended(flight, outcome);
  }

  attemptTimedOut(attempt: number): void {
    const flight = this.#inFlight.abandon(attempt);
    if (flight !== undefined) this.#ended(flight, TIMED_OUT);
  }

  retryDue(reportId: string): void {
    this.#retries.due(reportId);
    this.pump();
  }

  /** Starts as many attempts as there are free slots. */
  pump(): void {
    this.#lookAgainMs = NEVER_MS;
    for (let next = this.#nextToGo(); next !== undefined; next = this.#nextToGo()) this.#sendInOrder(next);
    const { timers } = this.#context;
    const holdOffEnd = { type: 'holdOffEnd', path: this.path.id } as const;
    if (this.#lookAgainMs === NEVER_MS) timers.clear(holdOffEnd);
    else timers.set(holdOffEnd, this.#lookAgainMs);
  }

  #nextToGo(): Delivery | undefined {
    const { monoMs } = this.#context.now;
    for (const each of this.#ready.next(monoMs, this.#pace.othersTurn(monoMs))) if (this.#mayGo(each)) return each;
    return undefined;
  }

  #mayGo(delivery: Delivery): boolean {
    const isFresh = isFreshAlarm(delivery);
    const { monoMs } = this.#context.now;
    const ahead = this.#ahead?.of === delivery ? this.#inFlight.get(this.#ahead.attempt) : undefined;
    if (ahead !== undefined && monoMs < after(ahead.startedMs, FRESH_ALARM_WAIT_MS)) {
      this.#lookAgainAt(after(ahead.startedMs, FRESH_ALARM_WAIT_MS));
      return false;
    }
    const characters = this.path.digest?.characters ?? delivery.report.text.length;
    const openAlarms = this.#open.alarms;
    const dueMs = this.#pace.dueMs(monoMs, { isFresh, isAlarm: isAlarm(delivery), characters, openAlarms });
    if (monoMs < dueMs) {
      this.#lookAgainAt(dueMs);
      return false;
    }
    if (this.#inFlight.size < this.#pace.slots(isFresh)) return true;
    return isAlarm(delivery) && this.#yieldSlot(isFresh) && delivery.state === 'queued';
  }

  /**
   * While nothing reaches the far end, the oldest waiting alarm goes before each other one. So the
   * oldest alarm discovers that the link is back, and the rest follow in the order they were
   * raised.
   */
  #sendInOrder(next: Delivery): void {
    const isFirst = this.#ahead?.of !== next && isAlarm(next) && this.#pace.isCutOff && !this.rests;
    const oldest = isFirst && this.#isFast ? this.#open.oldestUnreachedBefore(next) : undefined;
    if (oldest === undefined) {
      this.#ahead = undefined;
      this.#send(next, false);
      return;
    }
    this.#retries.requeue(oldest);
    this.#ahead = { of: next, attempt: this.#send(oldest, true) };
  }

  /** `next` by itself, or the digest of what has gathered behind it. */
  #send(next: Delivery, isAhead: boolean): number {
    const digest = this.#digests?.gather(next, this.#open.all(), this.#events.nextSequence);
    if (digest === undefined) next.alone = true;
    const delivery = digest ?? next;
    delivery.state = 'sending';
    delivery.attempts += 1;
    delivery.wasSent = false;
    for (const member of delivery.members ?? []) member.attempts += 1;
    this.#pace.sends(this.#context.now.monoMs, delivery.report, isAhead);
    return this.#begin({ delivery });
  }

  #lookAgainAt(dueMs: MonoMs): void {
    this.#lookAgainMs = earlier(this.#lookAgainMs, dueMs);
  }

  #begin(work: InFlight['work']): number {
    const failures = 'delivery' in work ? work.delivery.failures : 0;
    return this.#inFlight.begin(work, this.#supervision.clock.offsetMs, this.#pace.timeoutMs(failures));
  }

  #enqueue(delivery: Delivery): void {
    // The report was withdrawn while it waited behind an attempt.
    if (delivery.state !== 'queued') return;
    if (!this.#inFlight.holdsBack(delivery)) this.#ready.push(delivery, this.#context.now.monoMs);
  }

  #ended(flight: InFlight, outcome: Outcome): void {
    this.#landed(flight);
    const nak = outcome.type === 'wrongTime' ? this.#supervision.clock.refused(outcome, flight) : undefined;
    if ('probe' in flight.work) this.#pollEnded(flight, flight.work.probe, outcome, nak);
    else this.#reportEnded(flight, flight.work.delivery, outcome, nak);
    this.pump();
  }

  /** An attempt is over, however it ended. */
  #landed({ attempt, startedMs, sentMs, work }: InFlight): void {
    for (const delivery of this.#inFlight.follow(attempt)) this.#enqueue(delivery);
    if (sentMs === undefined)
      this.#pace.neverSent(startedMs, 'probe' in work ? work.probe.report : work.delivery.report);
  }

  #pollEnded(flight: InFlight, probe: Probe, outcome: Outcome, nak: NakMeaning | undefined): void {
    const { monoMs } = this.#context.now;
    if (outcome.type !== 'failed') this.#answered();
    else if (!this.#pace.pollFailed(monoMs, flight.startedMs, failedEnd(outcome))) return;
    this.#supervision.pollEnded(probe, outcome, flight, nak);
  }

  #reportEnded(flight: InFlight, delivery: Delivery, outcome: Outcome, nak: NakMeaning | undefined): void {
    const { monoMs } = this.#context.now;
    if (outcome.type === 'failed') {
      const end = failedEnd(outcome);
      const counts = this.#pace.failed(monoMs, flight.startedMs, end, askedWaitMs(outcome));
      if (counts) this.#supervision.reportFailed(outcome.detail, end);
    } else if (outcome.type === 'receiverAcknowledged' || outcome.type === 'handedOver') {
      if (this.#pace.accepted()) this.#retries.release((end) => end !== 'content');
      this.#supervision.reportAccepted(flight, isAlarm(delivery));
    } else this.#answered();
    this.#settlement.settle(delivery, outcome, nak, flight);
  }

  /**
   * After an outage, unanswered reports go again at once. Refused reports keep their wait, because
   * a poll proves nothing about reports.
   */
  #answered(): void {
    if (this.#pace.answered()) this.#retries.release(isLinkEnd);
  }

  /**
   * Frees the slot of an attempt that can wait. One report that makes the receiver hang must not
   * hold up a fresh alarm for its whole time-out, which grows, and a poll must not hold up any
   * alarm. True if a slot is free now.
   */
  #yieldSlot(isFresh: boolean): boolean {
    const flight = this.path.yields ? this.#inFlight.leastUrgent() : undefined;
    if (flight === undefined) return false;
    const { work, attempt, startedMs } = flight;
    if ('delivery' in work) {
      if (!isFresh) return false;
      if (this.#context.now.monoMs < after(startedMs, YIELD_AFTER_MS)) {
        this.#lookAgainAt(after(startedMs, YIELD_AFTER_MS));
        return false;
      }
    }
    this.#inFlight.abandon(attempt);
    this.#landed(flight);
    // This says nothing about the path: nobody waited for its answer.
    if ('delivery' in work) this.#settlement.settle(work.delivery, GAVE_WAY, undefined, flight);
    return true;
  }
}

function noteSent(delivery: Delivery): void {
  delivery.transmissions += 1;
  delivery.wasSent = true;
}
