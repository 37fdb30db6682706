import { earlier, type MonoMs, NEVER_MS } from '../../../protocol/clocks.ts';

/** What the order of polling goes by. */
export interface Polled {
  /** Polls missed in a row. */
  readonly missed: number;
  /** After a missed poll: not to be asked before, monotonic ms. */
  readonly dueMs: MonoMs;
}

/**
 * Which module is asked next: all that answer, round after round, and at the end of each round at
 * most one of those that did not. However many are silent, a round is lengthened by one wait only.
 */
export class PollingOrder<T extends Polled> {
  readonly #modules: readonly T[];
  #position = 0;

  constructor(modules: readonly T[]) {
    this.#modules = modules;
  }

  /** `undefined`: no module before `wakeMs`. */
  next(nowMs: MonoMs): T | undefined {
    // What is left of this round, then a whole one.
    return this.#restOfRound() ?? this.#suspect(nowMs) ?? this.#restOfRound();
  }

  /** When the next silent module is due, monotonic ms. */
  get wakeMs(): MonoMs {
    return this.#modules.reduce((earliest, { dueMs }) => earlier(earliest, dueMs), NEVER_MS);
  }

  #restOfRound(): T | undefined {
    while (this.#position < this.#modules.length) {
      const module = this.#modules[this.#position];
      this.#position += 1;
      if (module?.missed === 0) return module;
    }
    this.#position = 0;
    return undefined;
  }

  /** The silent module that has waited longest. */
  #suspect(nowMs: MonoMs): T | undefined {
    let longest: T | undefined;
    for (const module of this.#modules) {
      if (module.missed === 0 || module.dueMs > nowMs) continue;
      if (longest === undefined || module.dueMs < longest.dueMs) longest = module;
    }
    return longest;
  }
}
