import type { MonoMs } from '../../../protocol/clocks.ts';
import type { Freshness } from './frame-window.ts';

/**
 * An id up to this far ahead of the last one is newer, any other is older, as for BTHome v2
 * receivers (1…63 of 256).
 */
const AHEAD_MAX = 63;
/**
 * An older id within this time is of a message that was overtaken. Later, the device has begun
 * anew.
 */
const OVERTAKEN_MS = 4_000;
/** The same id within this time of its last hearing is a repeat of the message. */
const SAME_MS = 30_000;

/**
 * Tells a message from its repeats on a wire that numbers messages by one byte, which wraps from
 * 255 to 0 and is not authenticated. In doubt a message is new: a press reported twice is better
 * than a press lost.
 */
export class PacketIds {
  #last: { id: number; heardMs: MonoMs } | undefined;

  hear(id: number, nowMs: MonoMs): Freshness {
    const last = this.#last;
    if (last === undefined) {
      this.#last = { id, heardMs: nowMs };
      return 'new';
    }
    const ahead = (id - last.id) & 0xff;
    const sinceMs = nowMs - last.heardMs;
    if (ahead === 0) {
      last.heardMs = nowMs;
      return sinceMs < SAME_MS ? 'repeat' : 'new';
    }
    if (ahead > AHEAD_MAX && sinceMs < OVERTAKEN_MS) return 'repeat';
    this.#last = { id, heardMs: nowMs };
    return 'new';
  }
}
