import type { MonoMs } from '../../../protocol/clocks.ts';

/**
 * The receiver's clock and ours may be this far apart, and either may be ahead: so long a recorded
 * answer would count.
 */
const REMEMBERED_MS = 600_000;
/** Receivers that seal without a random pad seal the same within one second of theirs. */
const SAME_SECOND_MS = 2_000;
/** More than any receiver answers in the time remembered, in about 2 MB. */
const REMEMBERED_MAX = 16_384;
/**
 * Hex digits of two blocks: the pad, and the time down to its second. What follows can be replaced
 * by anyone.
 */
const TELLING_DIGITS = 64;

/**
 * The sealed acknowledgements that were accepted. DC-09 seals the time and not the sequence number
 * (§5.4): whoever is on the way could put one that was recorded behind the number of another
 * message.
 */
export class SealedAnswers {
  /** Monotonic ms, oldest first. */
  readonly #heardMs = new Map<string, MonoMs>();

  /** True: it has acknowledged something before. Otherwise it is remembered. */
  isReplay(sealed: string, nowMs: MonoMs): boolean {
    const key = sealed.slice(0, TELLING_DIGITS).toUpperCase();
    const heardMs = this.#heardMs.get(key);
    if (heardMs !== undefined) return nowMs - heardMs > SAME_SECOND_MS;
    this.#heardMs.set(key, nowMs);
    for (const [oldest, atMs] of this.#heardMs) {
      if (this.#heardMs.size <= REMEMBERED_MAX && nowMs - atMs <= REMEMBERED_MS) break;
      this.#heardMs.delete(oldest);
    }
    return false;
  }
}
