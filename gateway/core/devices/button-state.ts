import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';

/** A contact that goes back to its last state within this time has bounced. */
const BOUNCE_MS = 100;

/** `bounced`: the state of just before came back. */
type Change = 'changed' | 'same' | 'first' | 'bounced';

/**
 * The present state of one button whose topic carries states. The device publishes it again at each
 * connection, so only a change is news.
 */
export class ButtonState {
  #value: string | undefined;
  #before: string | undefined;
  #changedMs = LONG_AGO_MS;

  /** What outlives a restart; `undefined`: nothing was heard. */
  get saved(): string | undefined {
    return this.#value;
  }

  recover(value: string): void {
    this.#value ??= value;
  }

  /** @param nowMs absent: the broker had kept the state, and nothing says when it began */
  hear(value: string, nowMs?: MonoMs): Change {
    const present = this.#value;
    if (present === value) return 'same';
    const isBack = nowMs !== undefined && this.#before === value && nowMs - this.#changedMs < BOUNCE_MS;
    this.#before = present;
    this.#value = value;
    this.#changedMs = nowMs ?? LONG_AGO_MS;
    if (present === undefined) return 'first';
    return isBack ? 'bounced' : 'changed';
  }
}
