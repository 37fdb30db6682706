import { after, type MonoMs, type WallMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../report.ts';
import type { Troubles } from '../troubles/troubles.ts';

type Nak = Extract<Outcome, { type: 'wrongTime' }>;

/**
 * What a NAK says about the clocks. `agrees`: the receiver's time equals our stamp. `untold`: it
 * gave no time.
 */
export type NakMeaning = 'corrected' | 'agrees' | 'untold';

/**
 * When the message was stamped, by both clocks, and with which correction. The wall clock may be
 * set between the message and its answer, so the stamp can't be worked out from the time of the
 * answer.
 */
export interface Sent {
  readonly startedMs: MonoMs;
  readonly startedWallMs: WallMs;
  readonly clockOffsetMs: number;
}

/**
 * The receiver's time may differ from our stamp by this much and still agree: DC-09 stamps and
 * answers carry whole seconds. Receivers accept stamps up to 40 s old or 20 s ahead (DC-09
 * §5.5.1.9). Some use a narrower window, so the first step is to correct a difference within that
 * window. If the corrected stamp is refused too, the time was not the cause.
 */
const AGREES_MS = 2_000;
/**
 * A larger correction is reported as a trouble: one of the two clocks is wrong, and its times
 * mislead their readers.
 */
const DIFFERS_MS = 30_000;

/** What the answers of one path's receiver say about its clock. */
export class ReceiverClock {
  readonly #path: string;
  readonly #context: Context;
  readonly #troubles: Troubles;
  #offsetMs = 0;
  /** `clockDiffers` may stand, perhaps from an earlier run. */
  #mayStand = true;

  constructor(path: string, context: Context, troubles: Troubles) {
    this.#path = path;
    this.#context = context;
    this.#troubles = troubles;
  }

  /** Added to our wall clock when stamping. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  refused({ receiverTimeMs }: Nak, sent: Sent): NakMeaning {
    if (receiverTimeMs === undefined) return 'untold';
    const { wallMs, monoMs } = this.#context.now;
    const answeredAfterMs = monoMs - sent.startedMs;
    const stampMs = after(sent.startedWallMs, sent.clockOffsetMs);
    const differsMs = receiverTimeMs - stampMs;
    if (differsMs >= -AGREES_MS && differsMs <= answeredAfterMs + AGREES_MS) return 'agrees';
    this.#correct(Math.round(receiverTimeMs - wallMs));
    return 'corrected';
  }

  /** The receiver took a message stamped with this correction. */
  accepted(clockOffsetMs: number): void {
    if (this.#mayStand && Math.abs(clockOffsetMs) <= DIFFERS_MS) this.#restore();
  }

  /** The correction helped with no format: the next round starts with our own time. */
  forgetCorrection(): void {
    this.#offsetMs = 0;
  }

  /** A trouble of an earlier run was read late. */
  restoreTroubles(): void {
    this.#mayStand = true;
  }

  #correct(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    if (Math.abs(offsetMs) <= DIFFERS_MS) {
      this.#restore();
      return;
    }
    this.#mayStand = true;
    const text = `Clock of the receiver of path ${this.#path} is ${difference(offsetMs)} ours: check both clocks`;
    this.#troubles.raiseOrReword('clockDiffers', this.#path, { text });
  }

  #restore(): void {
    this.#mayStand = false;
    this.#troubles.restore('clockDiffers', this.#path);
  }
}

/** "61 s behind", "1 h 2 min ahead of" */
function difference(offsetMs: number): string {
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  const minutes = Math.round(seconds / 60);
  const long = minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${seconds < 120 ? `${seconds} s` : long} ${offsetMs > 0 ? 'ahead of' : 'behind'}`;
}
