import { LONG_AGO_MS } from '../../protocol/clocks.ts';
import { monoMs } from './clock.ts';

/**
 * Runs an action at the end of the present turn of the event loop, and then at most once every
 * `gapMs`, however often it is asked for. A lone event does not wait, and a storm is gathered. Each
 * message to another thread or process wakes it, which can cost more than the message.
 */
export class PacedAction {
  readonly #action: () => void;
  readonly #gapMs: number;
  #lastMs = LONG_AGO_MS;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(action: () => void, gapMs: number) {
    this.#action = action;
    this.#gapMs = gapMs;
  }

  request(): void {
    if (this.#immediate !== undefined || this.#timer !== undefined) return;
    const waitMs = this.#lastMs + this.#gapMs - monoMs();
    if (waitMs <= 0) this.#immediate = setImmediate(() => this.#run());
    else this.#timer = setTimeout(() => this.#run(), waitMs);
  }

  cancel(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#immediate = undefined;
    this.#timer = undefined;
  }

  #run(): void {
    this.cancel();
    this.#lastMs = monoMs();
    this.#action();
  }
}
