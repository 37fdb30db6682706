import { startProgress } from '../progress.ts';
import { terminalSafe } from '../terminal-safe.ts';

/**
 * What the update is at. At a terminal it is one line that changes; otherwise, as in the log of the
 * service, each new step is a line. A terminal that has gone is no fault.
 */
export class Steps {
  readonly #progress = startProgress();
  readonly #isQuiet: boolean;
  #last = '';

  /** @param isForPrograms shows nothing besides the result */
  constructor(isForPrograms: boolean) {
    this.#isQuiet = isForPrograms;
  }

  show(text: string): void {
    if (process.stderr.isTTY) this.#progress.show(text);
    else {
      // Without figures: `Unpacking: 40 %` is no news after `Unpacking: 39 %`.
      const step = text.replace(/:? \d+ %$/, '');
      if (step !== this.#last) this.#line(step);
      this.#last = step;
    }
  }

  say(text: string): void {
    this.end();
    this.#line(text);
  }

  end(): void {
    this.#progress.end();
  }

  #line(text: string): void {
    if (!this.#isQuiet) process.stderr.write(`${terminalSafe(text)}\n`);
  }
}
