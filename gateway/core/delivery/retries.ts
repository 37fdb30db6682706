import { after } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Timer } from '../timers.ts';
import type { Delivery, FailedEnd } from './delivery.ts';
import type { OpenReports } from './open-reports.ts';
import type { PathPace } from './path-pace.ts';
import type { ReadyReports } from './ready-reports.ts';

/** The reports of one path that failed and wait for their next try. */
export class Retries {
  readonly #path: string;
  readonly #context: Context;
  readonly #open: OpenReports;
  readonly #ready: ReadyReports;
  readonly #pace: PathPace;
  readonly #digests = new Map<string, Delivery>();
  #turns = 0;

  constructor(path: string, context: Context, { open, ready, pace }: RetriesDeps) {
    this.#path = path;
    this.#context = context;
    this.#open = open;
    this.#ready = ready;
    this.#pace = pace;
  }

  wait(delivery: Delivery, end: FailedEnd): void {
    delivery.state = 'waiting';
    delivery.failures += 1;
    this.#turns += 1;
    delivery.turn = this.#turns;
    delivery.lastEnd = end;
    const report = delivery.report.id;
    if (delivery.members !== undefined) this.#digests.set(report, delivery);
    const dueMs = after(this.#context.now.monoMs, this.#pace.retryMs(delivery));
    this.#context.timers.set(this.#timer(report), dueMs);
  }

  /** The report waits by itself or, as may be, in a digest. */
  isWaiting(reportId: string): boolean {
    return this.#digests.size > 0 || this.#context.timers.has(this.#timer(reportId));
  }

  /** Its wait is over. */
  due(reportId: string): void {
    const delivery = this.#open.get(reportId);
    const digest = this.#digests.get(reportId);
    if (delivery?.state === 'waiting') this.requeue(delivery);
    else if (digest !== undefined) this.#requeueDigest(digest);
  }

  requeue(delivery: Delivery): void {
    this.cancel(delivery.report.id);
    this.#ready.push(delivery, this.#context.now.monoMs);
  }

  /** The path is replaced or removed. */
  cancelAll(): void {
    for (const { report } of this.#open.all()) this.cancel(report.id);
    for (const digest of this.#digests.keys()) this.cancel(digest);
  }

  cancel(reportId: string): void {
    this.#context.timers.clear(this.#timer(reportId));
  }

  /**
   * An outage is over. After a single failure reports keep their own waits. Otherwise one report
   * that makes the receiver hang would always be retried before all others.
   *
   * @param isOver says whether the outage is over for a delivery that ended this way
   */
  release(isOver: (end: Delivery['lastEnd']) => boolean): void {
    this.#ready.restartTurns();
    const isReleased = (each: Delivery) => isOver(each.lastEnd) && !this.#pace.rests(each);
    for (const delivery of this.#open.all()) {
      if (delivery.state !== 'waiting' || !isReleased(delivery)) continue;
      delivery.turn = 0;
      this.requeue(delivery);
    }
    for (const digest of this.#digests.values()) if (isReleased(digest)) this.#requeueDigest(digest);
  }

  /**
   * Unchanged, so that the receiver recognises the repeat; rebuilt once another path got an
   * acknowledgement for part of it.
   */
  #requeueDigest(digest: Delivery): void {
    this.#digests.delete(digest.report.id);
    const open = this.#open.membersOf(digest);
    if (open.length === digest.members?.length) this.requeue(digest);
    else for (const member of open) this.requeue(member);
  }

  #timer(report: string): Timer {
    return { type: 'deliveryRetry', path: this.#path, report };
  }
}

interface RetriesDeps {
  readonly open: OpenReports;
  readonly ready: ReadyReports;
  readonly pace: PathPace;
}
