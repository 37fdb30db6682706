import type { MonoMs } from '../../../protocol/clocks.ts';

/**
 * Longer than a board takes to answer. Then what waits is passed on: a press counts more than a
 * doubt.
 */
const HELD_MS_MAX = 100;

type Pass = (message: Uint8Array, capturedMs: MonoMs) => void;

/**
 * Digital reports on their way. A board that restarted unheard answers a question for levels with
 * zeros, which would be presses; so what comes between such a question and the state of a pin asked
 * for behind it waits until that state has shown that the board is still set up.
 */
export class HeldReports {
  readonly #pass: Pass;
  #waiting: { readonly message: Uint8Array; readonly capturedMs: MonoMs }[] = [];
  #questions = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(pass: Pass) {
    this.#pass = pass;
  }

  /** A question for levels is about to be written, one for a pin's state behind it. */
  asked(): void {
    this.#questions += 1;
    this.#timer ??= setTimeout(() => this.#giveUp(), HELD_MS_MAX);
  }

  /** The pin is in the mode it should be in. */
  confirmed(): void {
    this.#questions = Math.max(0, this.#questions - 1);
    clearTimeout(this.#timer);
    this.#timer = this.#questions === 0 ? undefined : setTimeout(() => this.#giveUp(), HELD_MS_MAX);
    this.#passAll();
  }

  report(message: Uint8Array, capturedMs: MonoMs): void {
    if (this.#questions === 0) this.#pass(message, capturedMs);
    // Copied: it is lent for the call only.
    else this.#waiting.push({ message: Uint8Array.from(message), capturedMs });
  }

  drop(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #giveUp(): void {
    this.#timer = undefined;
    this.#questions = 0;
    this.#passAll();
  }

  #passAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { message, capturedMs } of waiting) this.#pass(message, capturedMs);
  }
}
