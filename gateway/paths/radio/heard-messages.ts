import type { MonoMs } from '../../../protocol/clocks.ts';

/**
 * Digipeaters drop a frame that they have repeated within about 28 s, so a second answer within
 * that time would not get through.
 */
const REPEATED_GAP_MS = 30_000;
const WINDOW_MS = 60_000;
/** A licence limits our air time: no stranger's messages may use it up. */
const IN_WINDOW_MAX = 6;
const KNOWN_MAX = 64;

/**
 * Which of the messages to us are acknowledged: every copy that comes directly, up to a total
 * limit.
 */
export class HeardMessages {
  /** When each was last acknowledged, the latest last. */
  readonly #acknowledged = new Map<string, MonoMs>();
  #recent: number[] = [];

  /** True if it should be acknowledged now. */
  answers(source: string, id: string, repeated: boolean, nowMs: MonoMs): boolean {
    const message = `${source} ${id}`;
    const lastMs = this.#acknowledged.get(message);
    if (repeated && lastMs !== undefined && nowMs - lastMs < REPEATED_GAP_MS) return false;
    this.#recent = this.#recent.filter((atMs) => nowMs - atMs < WINDOW_MS);
    if (this.#recent.length >= IN_WINDOW_MAX) return false;
    this.#recent.push(nowMs);
    this.#acknowledged.delete(message);
    this.#acknowledged.set(message, nowMs);
    for (const oldest of this.#acknowledged.keys()) {
      if (this.#acknowledged.size <= KNOWN_MAX) break;
      this.#acknowledged.delete(oldest);
    }
    return true;
  }
}
