import { after, type MonoMs, NEVER_MS } from '../protocol/clocks.ts';
import type { Effect } from './core/effect.ts';
import { monoMs } from './system/clock.ts';

/** Longest stretch of deferred work between two checks for new input. */
const SLICE_MS = 1;

/**
 * Effects that are not on the way to a receiver: records, documents, log lines, lamps. They are
 * carried out in order, right after the turn of the event loop that caused them. In a storm that
 * brings more than a turn can take, they run in slices, so that no press waits while the records of
 * earlier presses are written. Each turn runs at least one slice, so nothing is put off for ever.
 */
export class DeferredEffects {
  readonly #perform: (effect: Effect) => void;
  #waiting: Effect[] = [];
  #next = 0;
  #immediate: NodeJS.Immediate | undefined;

  /** @param perform must not throw */
  constructor(perform: (effect: Effect) => void) {
    this.#perform = perform;
  }

  add(effect: Effect): void {
    this.#waiting.push(effect);
    this.#immediate ??= setImmediate(() => this.#slice());
  }

  /** Carries everything out now. */
  flush(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#work(NEVER_MS);
  }

  #slice(): void {
    this.#immediate = undefined;
    this.#work(after(monoMs(), SLICE_MS));
    if (this.#waiting.length > 0) this.#immediate ??= setImmediate(() => this.#slice());
  }

  #work(untilMs: MonoMs): void {
    while (this.#next < this.#waiting.length) {
      const effect = this.#waiting[this.#next];
      this.#next += 1;
      if (effect !== undefined) this.#perform(effect);
      if (monoMs() >= untilMs) break;
    }
    if (this.#next >= this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    }
  }
}
