import type { FailureReason, Outcome } from '../core/report.ts';

/** Outcomes found within `send`, which must not report them itself. */
export class SoonOutcomes {
  readonly #report: (attempt: number, outcome: Outcome) => void;
  readonly #due = new Map<number, NodeJS.Immediate>();

  constructor(report: (attempt: number, outcome: Outcome) => void) {
    this.#report = report;
  }

  add(attempt: number, outcome: Outcome): void {
    const report = () => {
      this.#due.delete(attempt);
      this.#report(attempt, outcome);
    };
    this.#due.set(attempt, setImmediate(report));
  }

  fail(attempt: number, reason: FailureReason, detail: string): void {
    this.add(attempt, { type: 'failed', reason, detail });
  }

  drop(attempt: number): void {
    clearImmediate(this.#due.get(attempt));
    this.#due.delete(attempt);
  }

  clear(): void {
    for (const immediate of this.#due.values()) clearImmediate(immediate);
    this.#due.clear();
  }
}
