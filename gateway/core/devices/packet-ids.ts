import type { MonoMs } from '../../../protocol/clocks.ts';
import type { Freshness } from './frame-window.ts';

/** Ids this far ahead of the last are newer, the others older (BTHome v2 reference receiver: 1…63 of 256). */
const AHEAD_MAX = 63;
/** An older id heard this soon is one that was overtaken. Later, the device has begun anew. */
const OVERTAKEN_MS = 4_000;
/** The same id within this time of when it was last heard is the same message said again. */
const SAME_MS = 30_000;

/**
 * Tells a message from its repeats on a wire that numbers them by one byte, which wraps from 255 to 0 and is not authenticated. In doubt
 * a message is new: a press twice is better than a press lost.
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
