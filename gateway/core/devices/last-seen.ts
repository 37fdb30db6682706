import type { MonoMs, WallMs } from '../../../protocol/clocks.ts';
import type { Now } from '../time.ts';

/** The clocks of the bridge and the gateway may differ by this much. */
const CLOCKS_DIFFER_MS_MAX = 300_000;

/** How old a message is by the time at which the bridge last heard its device. */
interface MessageAge {
  /**
   * The times of two messages show that the bridge has heard the device between them. No clock
   * matters for that.
   */
  readonly isAdvanced: boolean;
  /** At least 0. */
  readonly agoMs: number;
}

/** The newest time of messages that came as they were published. */
interface Newest {
  readonly lastSeenMs: WallMs;
  readonly arrivedMs: MonoMs;
  readonly isAdvanced: boolean;
}

/** True if the clock of the bridge is ahead of the gateway's by more than a small difference. */
export function isAhead(lastSeenMs: WallMs, nowMs: WallMs): boolean {
  return lastSeenMs - nowMs > CLOCKS_DIFFER_MS_MAX;
}

/**
 * When the bridge last heard one device, as the device's messages say it. A bridge publishes cached
 * states at its start, and the time tells them from news.
 */
export class LastSeen {
  #newest: Newest | undefined;

  /**
   * Call this for each message.
   *
   * @param kept nobody knows when it was published
   * @returns `undefined` if the clocks differ so much that the time says nothing
   */
  heard(lastSeenMs: WallMs, kept: boolean, { monoMs, wallMs }: Now): MessageAge | undefined {
    const agoMs = Math.max(0, wallMs - lastSeenMs);
    const before = this.#newest;
    if (!kept && (before === undefined || lastSeenMs > before.lastSeenMs)) {
      this.#newest = { lastSeenMs, arrivedMs: monoMs, isAdvanced: before !== undefined };
      // A time from before the last message comes from a clock that is wrong.
      if (before !== undefined) return { isAdvanced: true, agoMs: agoMs <= monoMs - before.arrivedMs ? agoMs : 0 };
    } else if (!kept && before?.lastSeenMs === lastSeenMs && before.isAdvanced) {
      // A bridge may tell seconds only, and a door opens and closes within one.
      return { isAdvanced: true, agoMs: monoMs - before.arrivedMs };
    }
    return isAhead(lastSeenMs, wallMs) ? undefined : { isAdvanced: false, agoMs };
  }

  /** Messages may have been missed, or the bridge starts with the times of its file. */
  forget(): void {
    this.#newest = undefined;
  }
}
