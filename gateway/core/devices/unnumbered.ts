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
   * @param heardMs when it reached this machine: a gateway that stood still reads two presses at
   *   once
   */
  hear(says: string, withinMs: number, heardMs: MonoMs): Freshness {
    const last = this.#last;
    const repeat = last !== undefined && last.says === says && heardMs - last.heardMs < withinMs;
    this.#last = { says, heardMs };
    return repeat ? 'repeat' : 'new';
  }
}
