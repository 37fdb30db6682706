import type { PageVerdict } from '../../protocol/paging/paging-dialogue.ts';
import type { Outcome } from '../core/report.ts';

/** The progress of one report, for each pager. */
export class PageProgress {
  readonly #verdicts = new Map<string, PageVerdict | undefined>();

  constructor(pagers: readonly string[]) {
    for (const pager of pagers) this.#verdicts.set(pager, undefined);
  }

  get undecided(): readonly string[] {
    return this.#of((verdict) => verdict === undefined);
  }

  record(pager: string, verdict: PageVerdict): void {
    this.#verdicts.set(pager, verdict);
  }

  /**
   * Prepares another attempt. Pagers that may accept later are tried again. If only lasting
   * refusals remain, the core waits long before its next attempt, and then these are tried too: a
   * pager may have been set up meanwhile. Pagers that have accepted are never tried again.
   */
  retry(): void {
    const isAnyPassing = this.#of(isPassing).length > 0;
    const isAnyUndecided = this.undecided.length > 0;
    for (const [pager, verdict] of this.#verdicts) {
      if (verdict?.type !== 'refused') continue;
      if (verdict.again || (!isAnyPassing && !isAnyUndecided)) this.#verdicts.set(pager, undefined);
    }
  }

  /** The outcome, once no pager is undecided. */
  outcome(): Outcome {
    const detail = `${this.#refusals()}${this.soFar()}`;
    if (this.#of(isPassing).length > 0) return { type: 'failed', reason: 'refused', detail };
    const lasting = this.#of((verdict) => verdict?.type === 'refused');
    return lasting.length > 0 ? { type: 'notUnderstood', detail } : { type: 'handedOver' };
  }

  /** Which pagers have accepted the report, as the end of a failure's text. */
  soFar(): string {
    const accepted = this.#of((verdict) => verdict?.type === 'accepted');
    return accepted.length === 0 ? '' : `; accepted for ${accepted.join(', ')}`;
  }

  #refusals(): string {
    const words = [...this.#verdicts].flatMap(([pager, verdict]) =>
      verdict?.type === 'refused' ? [`pager ${pager} was ${verdict.why}`] : [],
    );
    return words.join('; ');
  }

  #of(fits: (verdict: PageVerdict | undefined) => boolean): string[] {
    return [...this.#verdicts].flatMap(([pager, verdict]) => (fits(verdict) ? [pager] : []));
  }
}

function isPassing(verdict: PageVerdict | undefined): boolean {
  return verdict?.type === 'refused' && verdict.again;
}
