import { type FailedEnd, isLinkEnd } from './delivery.ts';

/**
 * How the last reports failed although polls are answered. The doubt begins when the far end
 * refuses a report, or when it answers a poll between two reports that it does not answer. Only an
 * accepted report or test event ends it.
 */
export class ReportDoubt {
  #says: string | undefined;
  /** `last`: the last report got no answer. `beforePoll`: a poll was accepted since. */
  #unanswered: 'none' | 'last' | 'beforePoll' = 'none';

  get exists(): boolean {
    return this.#says !== undefined;
  }

  /** "refused the last report: HTTP 503"; `undefined`: there is no doubt. */
  get says(): string | undefined {
    return this.#says;
  }

  refused(detail: string): void {
    this.#says = `refused the last report: ${detail}`;
  }

  failed(detail: string, end: FailedEnd): void {
    if (!isLinkEnd(end)) this.refused(detail);
    if (end !== 'unanswered') return;
    if (this.#unanswered === 'beforePoll') this.#says = `did not answer the last reports: ${detail}`;
    this.#unanswered = 'last';
  }

  pollAccepted(): void {
    if (this.#unanswered === 'last') this.#unanswered = 'beforePoll';
  }

  accepted(): void {
    this.#says = undefined;
    this.#unanswered = 'none';
  }
}
