import { DOUBTED, type SavedWindow } from '../journal-record.ts';
import type { Identity } from '../signal.ts';

/** For this many counters, up to the highest, the window knows which were seen. */
const WINDOW = 64;
const ALL = (1n << BigInt(WINDOW)) - 1n;

/**
 * `behind`: of the present epoch, but so far below the highest that the window cannot say whether
 * it was heard. `stale`: of an earlier epoch.
 */
export type Freshness = 'new' | 'repeat' | 'behind' | 'stale';

/**
 * What was heard of one device under one key: the highest (epoch, counter), and which of the 64
 * counters up to it were seen. This is the sliding window of RFC 4303 §3.4.3. A press whose first
 * hearing comes after later frames is still new. Nothing is accepted twice, and nothing of an
 * earlier epoch.
 */
export class FrameWindow {
  #epoch = -1;
  #highest = 0;
  /** Bit n: counter `highest − n` was seen. */
  #seen = 0n;
  /**
   * The counter this window began with, in the present epoch, when nothing was known of the device.
   * `DOUBTED`: the next new message begins it.
   */
  #floor: number | undefined;

  check(identity: Identity): Freshness {
    if (identity.epoch > this.#epoch) return 'new';
    if (identity.epoch < this.#epoch) return 'stale';
    const behind = this.#highest - identity.counter;
    if (behind < 0) return 'new';
    if (behind >= WINDOW) return 'behind';
    return (this.#seen >> BigInt(behind)) & 1n ? 'repeat' : 'new';
  }

  /**
   * False for a number that nothing was heard before, or that lies below the first one heard:
   * without memory (a new device, a lost data directory) it may be a recording. A higher number,
   * heard later, is proven as far as the device itself has been heard meanwhile.
   */
  isProven({ epoch, counter }: Identity): boolean {
    if (this.#epoch < 0 || this.#floor === DOUBTED) return false;
    return epoch > this.#epoch || this.#floor === undefined || counter > this.#floor;
  }

  /**
   * The window is older than the truth: it came from a backup. Whatever is new may be a recording
   * of the time since then, so the first new message is taken like that of an unknown device.
   */
  doubt(): void {
    if (this.#epoch >= 0) this.#floor = DOUBTED;
  }

  get isDoubted(): boolean {
    return this.#floor === DOUBTED;
  }

  /** `vouched`: an operator says that what is heard now is no recording. */
  accept(identity: Identity, vouched = false): void {
    const isFirst = this.#epoch < 0 || this.#floor === DOUBTED;
    if (identity.epoch > this.#epoch) {
      this.#floor = isFirst && !vouched ? identity.counter : undefined;
      this.#epoch = identity.epoch;
      this.#highest = identity.counter;
      this.#seen = 1n;
      return;
    }
    if (identity.epoch < this.#epoch) return;
    const ahead = identity.counter - this.#highest;
    if (ahead > 0) {
      this.#seen = ahead >= WINDOW ? 1n : ((this.#seen << BigInt(ahead)) & ALL) | 1n;
      this.#highest = identity.counter;
      if (this.#floor === DOUBTED) this.#floor = vouched ? undefined : identity.counter;
    } else if (-ahead < WINDOW) {
      this.#seen |= 1n << BigInt(-ahead);
    }
    // What is so far below is known no longer, and is never accepted.
    if (this.#floor === undefined || this.#floor === DOUBTED) return;
    if (this.#highest - this.#floor >= WINDOW) this.#floor = undefined;
  }

  /** The highest that was heard; `undefined` before anything was. */
  last(): Identity | undefined {
    return this.#epoch < 0 ? undefined : { epoch: this.#epoch, counter: this.#highest };
  }

  /** `undefined` before anything was heard. */
  save(key?: string): SavedWindow | undefined {
    if (this.#epoch < 0) return undefined;
    const window = [this.#epoch, this.#highest, this.#seen.toString(16)] as const;
    if (this.#floor !== undefined) return [...window, key ?? null, this.#floor];
    return key === undefined ? window : [...window, key];
  }

  /** Adds what an earlier run heard to what this one has heard. */
  recover([epoch, highest, seenHex, , floor]: SavedWindow): void {
    const seen = BigInt(`0x${seenHex}`) & ALL;
    if (epoch > this.#epoch) {
      this.#epoch = epoch;
      this.#highest = highest;
      this.#seen = seen;
      this.#floor = floor;
    } else if (epoch === this.#epoch) {
      // Of what this run has heard, only a message newer than the backup ends the doubt.
      const isNewer = floor === DOUBTED && this.#highest > highest;
      this.#floor = isNewer ? this.#highest : floor;
      const top = Math.max(highest, this.#highest);
      this.#seen = lowered(this.#seen, top - this.#highest) | lowered(seen, top - highest);
      this.#highest = top;
    } else if (floor !== DOUBTED) this.#floor = undefined;
  }
}

/** The window, seen from a highest counter that is `by` more. */
function lowered(seen: bigint, by: number): bigint {
  return by >= WINDOW ? 0n : (seen << BigInt(by)) & ALL;
}
