import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';

/**
 * The receiver's clock and ours may differ by this much in either direction. A recorded answer
 * would count for that long.
 */
const REMEMBERED_MS = 600_000;
/**
 * Receivers that seal without a random pad produce the same bytes within one second of their clock.
 */
const SAME_SECOND_MS = 2_000;
/** Old answers are looked for this often, not with each answer. */
const FORGET_MS = 1_000;
/** More than any receiver answers in the remembered time, in about 2 MB. */
const REMEMBERED_MAX = 16_384;
/**
 * Hex digits of two blocks: the pad, and the time down to its second. Anyone can replace what
 * follows.
 */
const TELLING_DIGITS = 64;

/**
 * The sealed acknowledgements that were accepted. DC-09 seals the time and not the sequence number
 * (§5.4): an attacker on the way could attach a recorded acknowledgement to the number of another
 * message.
 */
export class SealedAnswers {
  /** Monotonic ms, oldest first. */
  readonly #heardMs = new Map<string, MonoMs>();
  #forgotMs = LONG_AGO_MS;

  /** True: the answer has acknowledged something before. Otherwise it is remembered now. */
  isReplay(sealed: string, nowMs: MonoMs): boolean {
    const key = sealed.slice(0, TELLING_DIGITS).toUpperCase();
    const heardMs = this.#heardMs.get(key);
    if (heardMs !== undefined) return nowMs - heardMs > SAME_SECOND_MS;
    this.#heardMs.set(key, nowMs);
    if (this.#heardMs.size > REMEMBERED_MAX || nowMs - this.#forgotMs > FORGET_MS) this.#forget(nowMs);
    return false;
  }

  #forget(nowMs: MonoMs): void {
    this.#forgotMs = nowMs;
    for (const [oldest, atMs] of this.#heardMs) {
      if (this.#heardMs.size <= REMEMBERED_MAX && nowMs - atMs <= REMEMBERED_MS) break;
      this.#heardMs.delete(oldest);
    }
  }
}
