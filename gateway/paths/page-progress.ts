import type { PageVerdict } from '../../protocol/paging/paging-dialogue.ts';
import type { Outcome } from '../core/report.ts';

/** What the far end has made of one report, for each pager. */
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
   * Before another attempt. Pagers that may accept another time are asked again. Where only lasting
   * refusals are left, the core waits long before it tries again, and then these are asked again as
   * well: a pager may have been set up meanwhile. Those that have accepted never are.
   */
  retry(): void {
    const isAnyPassing = this.#of(isPassing).length > 0;
    const isAnyUndecided = this.undecided.length > 0;
    for (const [pager, verdict] of this.#verdicts) {
      if (verdict?.type !== 'refused') continue;
      if (verdict.again || (!isAnyPassing && !isAnyUndecided)) this.#verdicts.set(pager, undefined);
    }
  }

  /** The outcome, when no pager is undecided. */
  outcome(): Outcome {
    const detail = `${this.#refusals()}${this.soFar()}`;
    if (this.#of(isPassing).length > 0) return { type: 'failed', reason: 'refused', detail };
    const lasting = this.#of((verdict) => verdict?.type === 'refused');
    return lasting.length > 0 ? { type: 'notUnderstood', detail } : { type: 'handedOver' };
  }

  /** Which pagers have accepted it, as the end of a failure's words. */
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
