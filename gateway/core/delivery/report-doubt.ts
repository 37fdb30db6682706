import { type FailedEnd, isLinkEnd } from './delivery.ts';

/**
 * What the last reports met with where polls say otherwise. It begins when the far end refuses a
 * report, or answers a poll between two reports that it does not answer. Only a report or test
 * event that it accepts ends it.
 */
export class ReportDoubt {
  #met: string | undefined;
  /** A report went unanswered; has a poll been accepted since? */
  #unanswered: 'none' | 'last' | 'beforePoll' = 'none';

  get exists(): boolean {
    return this.#met !== undefined;
  }

  /** "refused the last report: HTTP 503"; `undefined`: there is no doubt. */
  get says(): string | undefined {
    return this.#met;
  }

  refused(detail: string): void {
    this.#met = `refused the last report: ${detail}`;
  }

  failed(detail: string, end: FailedEnd): void {
    if (!isLinkEnd(end)) this.refused(detail);
    if (end !== 'unanswered') return;
    if (this.#unanswered === 'beforePoll') this.#met = `did not answer the last reports: ${detail}`;
    this.#unanswered = 'last';
  }

  pollAccepted(): void {
    if (this.#unanswered === 'last') this.#unanswered = 'beforePoll';
  }

  accepted(): void {
    this.#met = undefined;
    this.#unanswered = 'none';
  }
}
