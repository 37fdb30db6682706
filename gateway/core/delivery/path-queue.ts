import type { Context } from '../context.ts';
import type { Outcome } from '../report.ts';
import type { Path } from '../site.ts';
import type { Timer } from '../timers.ts';
import { type Delivery, goesBefore, isFreshAlarm, type Probe, partsOf } from './delivery.ts';
import { outcomeRecords } from './delivery-records.ts';
import { Digests } from './digests.ts';
import { Flights, type InFlight } from './in-flight.ts';
import { PathPace } from './path-pace.ts';
import { PriorityQueue } from './priority-queue.ts';

export interface PathQueueEvents {
  nextSequence(): number;
  sent(delivery: Delivery, atMs: number): void;
  settled(delivery: Delivery): void;
  attemptFailed(delivery: Delivery): void;
  clockRefused(refused: boolean): void;
  /** An answer of any kind proves the path; no answer doubts it. */
  reached(rttMs: number): void;
  unreached(detail: string): void;
  probeAnswered(outcome: Outcome): void;
}

/** After this many NAKs in a row to one report its next try waits like any failed one. */
const QUICK_TIME_CORRECTIONS = 2;
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
  readonly #inFlight: Flights;
  readonly #digests: Digests | undefined;
  readonly #waitingDigests = new Map<string, Delivery>();
  readonly #pace: PathPace;

  constructor(path: Path, context: Context, events: PathQueueEvents) {
    this.path = path;
    this.#context = context;
    this.#events = events;
    this.#digests = path.digest === undefined ? undefined : new Digests(path.id, path.digest, context);
    this.#pace = new PathPace(path);
    this.#inFlight = new Flights(path.id, context);
  }

  /** Reports not yet settled on this path. */
  get depth(): number {
    return this.#open.size;
  }

  get busy(): boolean {
    return this.#inFlight.size > 0;
  }

  submit(delivery: Delivery): void {
    if (this.#digests !== undefined) delivery.leading = this.#digests.leads(delivery) && delivery.attempts === 0;
    this.#open.set(delivery.report.id, delivery);
    this.#enqueue(delivery);
    this.pump();
  }

  /** The report was acknowledged elsewhere: no further attempt here. One that is under way may end. */
  withdraw(reportId: string): void {
    const delivery = this.#open.get(reportId);
    if (delivery === undefined) return;
    this.#open.delete(reportId);
    this.#context.timers.clear(this.#retry(reportId));
    if (delivery.state !== 'sending') delivery.state = 'withdrawn';
  }

  probe(probe: Probe): void {
    const { monoMs } = this.#context.now;
    // The air belongs to alerts first: this one is left out, the next has its own time.
    if (!this.#pace.hasAir(monoMs, probe.report)) return;
    this.#pace.sends(monoMs, probe.report);
    this.#begin({ probe });
  }

  sent(attempt: number, atMs: number): void {
    const flight = this.#inFlight.get(attempt);
    if (flight === undefined || 'probe' in flight.work) return;
    for (const each of partsOf(flight.work.delivery)) this.#events.sent(each, atMs);
  }

  outcome(attempt: number, outcome: Outcome): void {
    const flight = this.#inFlight.land(attempt);
    if (flight === undefined) return;
    this.#follow(attempt);
    if (outcome.type === 'failed') this.#unreached(flight, outcome.detail);
    else if (outcome.type !== 'unproven') this.#reached(flight);
    if (outcome.type === 'wrongTime' && outcome.receiverTimeMs !== undefined) {
      this.clockOffsetMs = Math.round(outcome.receiverTimeMs - this.#context.now.wallMs);
    }
    if ('probe' in flight.work) this.#events.probeAnswered(outcome);
    else this.#settle(flight.work.delivery, outcome);
    this.pump();
  }

  attemptTimedOut(attempt: number): void {
    const flight = this.#inFlight.abandon(attempt);
    if (flight === undefined) return;
    this.#follow(attempt);
    const detail = 'no answer in time';
    this.#unreached(flight, detail);
    if ('probe' in flight.work) this.#events.probeAnswered({ type: 'failed', reason: 'unreachable', detail });
    else this.#settle(flight.work.delivery, { type: 'failed', reason: 'unreachable', detail });
    this.pump();
  }

  retryDue(reportId: string): void {
    const delivery = this.#open.get(reportId);
    const digest = this.#waitingDigests.get(reportId);
    if (delivery?.state === 'waiting') this.#requeue(delivery);
    else if (digest !== undefined) this.#retryDigest(digest);
    this.pump();
  }

  /** Starts as many attempts as there are free slots. */
  pump(): void {
    for (let next = this.#nextReady(); next !== undefined; next = this.#nextReady()) {
      const isFresh = isFreshAlarm(next);
      if (this.#inFlight.size >= this.#pace.slots(isFresh)) {
        if (!isFresh || !this.#yieldSlot()) return;
        // What gave way may have brought another alarm here.
        continue;
      }
      const { monoMs } = this.#context.now;
      const dueMs = this.#pace.dueMs(monoMs, this.path.digest?.characters ?? next.report.text.length, isFresh);
      if (monoMs < dueMs) {
        this.#pumpAt(dueMs);
        return;
      }
      this.#send(next);
    }
  }

  /** `next` by itself, or what has gathered behind it. */
  #send(next: Delivery): void {
    const digest = this.#digests?.gather(next, this.#open.values(), this.#events.nextSequence);
    if (digest === undefined) {
      this.#ready.pop();
      next.alone = true;
    }
    const delivery = digest ?? next;
    delivery.state = 'sending';
    delivery.attempts += 1;
    for (const member of delivery.members ?? []) member.attempts += 1;
    this.#pace.sends(this.#context.now.monoMs, delivery.report);
    this.#begin({ delivery });
  }

  /** As it was, so that the receiver takes it for the repeat it is; built anew once part of it was acknowledged elsewhere. */
  #retryDigest(digest: Delivery): void {
    this.#waitingDigests.delete(digest.report.id);
    const members = digest.members ?? [];
    const open = members.filter((member) => this.#open.has(member.report.id));
    if (open.length === members.length) this.#requeue(digest);
    else for (const member of open) this.#requeue(member);
  }

  /** The next delivery that still waits to be sent. */
  #nextReady(): Delivery | undefined {
    for (let first = this.#ready.peek(); first !== undefined; first = this.#ready.peek()) {
      if (first.state === 'queued') return first;
      this.#ready.pop();
    }
    return undefined;
  }

  #pumpAt(dueMs: number): void {
    this.#context.timers.set({ type: 'holdOffEnd', path: this.path.id }, dueMs);
  }

  #begin(work: InFlight['work']): void {
    const failures = 'delivery' in work ? work.delivery.failures : 0;
    this.#inFlight.begin(work, this.clockOffsetMs, this.#pace.timeoutMs(failures));
  }

  #enqueue(delivery: Delivery): void {
    if (!this.#inFlight.holdsBack(delivery)) this.#ready.push(delivery);
  }

  #follow(landed: number): void {
    for (const delivery of this.#inFlight.follow(landed)) this.#enqueue(delivery);
  }

  #reached(flight: InFlight): void {
    const outage = this.#pace.reached();
    this.#context.timers.clear({ type: 'holdOffEnd', path: this.path.id });
    this.#events.reached(this.#context.now.monoMs - flight.startedMs);
    // After an outage every report goes again at once. After a single failure they keep their own waits, or one report that
    // makes the receiver hang would be retried before all others for ever.
    if (!outage) return;
    for (const delivery of this.#open.values()) {
      if (delivery.state === 'waiting' && !this.#pace.rests(delivery)) this.#requeue(delivery);
    }
    for (const digest of this.#waitingDigests.values()) if (!this.#pace.rests(digest)) this.#retryDigest(digest);
  }

  #unreached(flight: InFlight, detail: string): void {
    if (!this.#pace.failed(this.#context.now.monoMs, flight.startedMs)) return;
    this.#events.unreached(detail);
  }

  #settle(delivery: Delivery, outcome: Outcome): void {
    const { wallMs } = this.#context.now;
    for (const record of outcomeRecords(delivery, this.path.id, outcome, wallMs)) this.#context.journal(record);
    if (outcome.type === 'receiverAcknowledged' || outcome.type === 'handedOver') {
      this.#events.clockRefused(false);
      this.#finish(delivery, outcome.type === 'handedOver' ? 'handedOver' : 'acknowledged');
      return;
    }
    if (delivery.members !== undefined) {
      this.#digestFailed(delivery, outcome);
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

  #finish(delivery: Delivery, state: 'acknowledged' | 'handedOver' | 'refused'): void {
    for (const each of partsOf(delivery)) {
      each.state = state;
      this.#open.delete(each.report.id);
      this.#events.settled(each);
    }
  }

  /** Refused as a whole, its alarms go one by one. */
  #digestFailed(digest: Delivery, outcome: Outcome): void {
    const members = (digest.members ?? []).filter((member) => this.#open.has(member.report.id));
    if (outcome.type === 'failed') {
      for (const member of members) member.failures += 1;
      this.#waitingDigests.set(digest.report.id, digest);
      this.#wait(digest);
      for (const member of members) this.#events.attemptFailed(member);
      return;
    }
    for (const member of members) {
      member.alone = true;
      this.#requeue(member);
    }
  }

  /** DC-09: a DUH means the content can't be processed, so the same content is never sent again; another format may be. */
  #nextFormat(delivery: Delivery): void {
    if (delivery.format + 1 < this.path.formats) {
      delivery.format += 1;
      this.#requeue(delivery);
      return;
    }
    this.#finish(delivery, 'refused');
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
    const wait = this.#pace.retryMs(delivery);
    const report = delivery.report.id;
    const dueMs = this.#context.now.monoMs + wait;
    this.#context.timers.set(this.#retry(report), dueMs);
    if (delivery.members === undefined) this.#events.attemptFailed(delivery);
  }

  #requeue(delivery: Delivery): void {
    this.#context.timers.clear(this.#retry(delivery.report.id));
    delivery.state = 'queued';
    this.#ready.push(delivery);
  }

  /**
   * Frees the slot of what can wait, for a fresh alarm: one report that makes the receiver hang must not keep an alarm waiting for as
   * long as its own time-out, which grows.
   */
  #yieldSlot(): boolean {
    const flight = this.path.yields ? this.#inFlight.leastUrgent() : undefined;
    if (flight === undefined) return false;
    const { work, attempt, startedMs } = flight;
    if ('delivery' in work && this.#context.now.monoMs < startedMs + YIELD_AFTER_MS) {
      this.#pumpAt(startedMs + YIELD_AFTER_MS);
      return false;
    }
    this.#inFlight.abandon(attempt);
    this.#follow(attempt);
    const gaveWay = { type: 'failed', reason: 'closed', detail: 'gave way to an alarm' } as const;
    if ('probe' in work) this.#events.probeAnswered(gaveWay);
    else this.#settle(work.delivery, gaveWay);
    return true;
  }

  #retry(report: string): Timer {
    return { type: 'deliveryRetry', path: this.path.id, report };
  }
}
