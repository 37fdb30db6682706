import type { Delivery } from '../../../../gateway/core/delivery/delivery.ts';
import { PathQueue } from '../../../../gateway/core/delivery/path-queue.ts';
import { PathSupervision } from '../../../../gateway/core/delivery/path-supervision.ts';
import type { Attempt, Outcome } from '../../../../gateway/core/report.ts';
import type { Path } from '../../../../gateway/core/site.ts';
import { LimitedNotices } from '../../../../gateway/core/troubles/limited-notices.ts';
import { device, path, site } from '../../../simulation/site.ts';
import { TestContext } from '../test-context.ts';

export const ACKNOWLEDGED: Outcome = { type: 'receiverAcknowledged' };
export const REFUSED: Outcome = { type: 'failed', reason: 'refused', detail: 'HTTP 403' };
export const CUT_OFF: Outcome = { type: 'failed', reason: 'unreachable', detail: 'no route' };
export const NO_CONTENT: Outcome = { type: 'notUnderstood', detail: 'SIP 415' };

/** The queue of one path that is not polled, on simulated time. */
export class QueueRig {
  readonly queue: PathQueue;
  readonly supervision: PathSupervision;
  readonly settled: string[] = [];
  readonly failed: string[] = [];
  readonly sent: string[] = [];
  readonly #at: TestContext;

  constructor(changes: Partial<Path> = {}) {
    const supervision = { ...path('central').supervision, mode: 'off' } as const;
    const made = path('central', { supervision, ...changes });
    const at = new TestContext(site([device(101)], [made]));
    this.#at = at;
    const notices = new LimitedNotices(at.context, at.troubles, () => false);
    let sequence = 0;
    const nextSequence = () => {
      sequence += 1;
      return sequence;
    };
    const deps = { queue: () => this.queue, nextSequence, troubles: at.troubles, notices };
    this.supervision = new PathSupervision(made, at.context, deps);
    this.queue = new PathQueue(made, at.context, this.supervision, {
      nextSequence,
      sent: ({ report }) => this.sent.push(report.id),
      settled: (delivery) => this.settled.push(`${delivery.report.id} ${delivery.state}`),
      attemptFailed: ({ report }) => this.failed.push(report.id),
    });
    at.onTimer = (timer) => {
      if (timer.type === 'attemptTimeout') this.queue.attemptTimedOut(timer.attempt);
      else if (timer.type === 'deliveryRetry') this.queue.retryDue(timer.report);
      else if (timer.type === 'holdOffEnd') this.queue.pump();
    };
  }

  get nowMs(): number {
    return this.#at.nowMs;
  }

  get attempts(): readonly Attempt[] {
    return this.#at.of('send').map(({ attempt }) => attempt);
  }

  /** Ids of the reports sent so far, repeats included. */
  get order(): readonly string[] {
    return this.attempts.flatMap(({ report }) => report?.id ?? []);
  }

  get abandoned(): readonly number[] {
    return this.#at.of('abandon').map(({ attempt }) => attempt);
  }

  submit(...deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.queue.submit(delivery);
  }

  /** The attempts under way end so, each once. */
  answer(outcome: Outcome | ((attempt: Attempt) => Outcome)): void {
    for (const attempt of this.attempts.slice(this.#answered)) {
      this.#answered += 1;
      this.queue.outcome(attempt.attempt, typeof outcome === 'function' ? outcome(attempt) : outcome);
    }
  }

  run(ms: number): void {
    this.#at.run(ms);
  }

  #answered = 0;
}
