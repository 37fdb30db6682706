import type { PageVerdict } from '../../protocol/paging/paging-dialogue.ts';
import type { Outcome } from '../core/report.ts';

/** How far one report has come: what the far end made of it for each pager. */
export class PageProgress {
  readonly #verdicts = new Map<string, PageVerdict | undefined>();

  constructor(pagers: readonly string[]) {
    for (const pager of pagers) this.#verdicts.set(pager, undefined);
  }

  get undecided(): readonly string[] {
    return this.#of((verdict) => verdict === undefined);
  }

  judge(pager: string, verdict: PageVerdict): void {
    this.#verdicts.set(pager, verdict);
  }

  /** Before another attempt: pagers that may accept another time are asked again, the others never. */
  retry(): void {
    for (const [pager, verdict] of this.#verdicts) {
      if (verdict?.type === 'refused' && verdict.again) this.#verdicts.set(pager, undefined);
    }
  }

  /** Once nobody is undecided. */
  outcome(): Outcome {
    const detail = `${this.#refusals()}${this.soFar()}`;
    const passing = this.#of((verdict) => verdict?.type === 'refused' && verdict.again);
    if (passing.length > 0) return { type: 'failed', reason: 'refused', detail };
    const lasting = this.#of((verdict) => verdict?.type === 'refused');
    return lasting.length > 0 ? { type: 'notUnderstood', detail } : { type: 'handedOver' };
  }

  /** Which pagers have it already, to be put behind a failure. */
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
