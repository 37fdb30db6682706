import type { MonoMs } from '../../../protocol/clocks.ts';
import type { Freshness } from './frame-window.ts';

/**
 * Tells a message from its repeats on a wire that numbers nothing: the same message again, soon
 * after the last, is a repeat.
 */
export class Unnumbered {
  #last: { says: string; heardMs: MonoMs } | undefined;

  /**
   * @param says the whole message, in a form that is equal for equal messages
   */
  hear(says: string, withinMs: number, nowMs: MonoMs): Freshness {
    const last = this.#last;
    const repeat = last !== undefined && last.says === says && nowMs - last.heardMs < withinMs;
    this.#last = { says, heardMs: nowMs };
    return repeat ? 'repeat' : 'new';
  }
}
