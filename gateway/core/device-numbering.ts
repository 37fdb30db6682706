import { FrameWindow, type Freshness } from './frame-window.ts';
import { PacketIds } from './packet-ids.ts';
import type { Identity, Signal } from './signal.ts';
import { Unnumbered } from './unnumbered.ts';

/** Tells what one device says for the first time from what was heard before, by whatever its wire numbers messages with. */
export class DeviceNumbering {
  readonly window = new FrameWindow();
  readonly #counterOnly: boolean;
  readonly #packetIds = new PacketIds();
  readonly #unnumbered = new Unnumbered();
  #enrolling = false;

  constructor(counterOnly: boolean) {
    this.#counterOnly = counterOnly;
  }

  /** Until `endEnrolment` a counter that begins anew is believed: the battery was changed, or it is another device with this key. */
  beginEnrolment(): void {
    this.#enrolling = true;
  }

  endEnrolment(): void {
    this.#enrolling = false;
  }

  /**
   * The number this signal's message goes by, and whether it is heard for the first time; `undefined`: the wire numbers nothing.
   * Of a device that is being enrolled anew, the number that begins its next epoch.
   */
  check(signal: Signal, nowMs: number): { freshness: Freshness; identity?: Identity; enrols?: true } {
    const { identity, packetId, repeatsWithinMs, body } = signal;
    if (packetId !== undefined) return { freshness: this.#packetIds.hear(packetId, nowMs) };
    if (repeatsWithinMs !== undefined) {
      return { freshness: this.#unnumbered.hear(JSON.stringify(body), repeatsWithinMs, nowMs) };
    }
    if (identity === undefined) return { freshness: 'new' };
    if (!this.#counterOnly) return { freshness: this.window.check(identity), identity };
    return this.#checkCounter(identity.counter);
  }

  /** Only ever higher: such a device sends one message after the other, so what is lower is a recording or a new beginning. */
  #checkCounter(counter: number): { freshness: Freshness; identity: Identity; enrols?: true } {
    const last = this.window.last();
    if (last === undefined) return { freshness: 'new', identity: { epoch: 0, counter } };
    const identity = { epoch: last.epoch, counter };
    if (counter > last.counter) return { freshness: 'new', identity };
    if (counter === last.counter) return { freshness: 'repeat', identity };
    if (this.#enrolling) return { freshness: 'new', identity: { epoch: last.epoch + 1, counter }, enrols: true };
    return { freshness: this.window.check(identity) === 'repeat' ? 'repeat' : 'stale', identity };
  }
}
