import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { PressPattern } from '../../../protocol/press-pattern.ts';

/** A device repeats `hold` while a button is held. A later one begins another use of the button. */
const STILL_HELD_MS = 3_000;
/**
 * Shelly's four-button devices send `hold` as soon as a button goes down, and what it was once no
 * further click can follow: 0.9 s later in users' captures. Their slowest setting waits 0.8 s for
 * each of three clicks. The end's own counter may wait 50 ms to be durable.
 */
const CLICKS_MS = 3_100;
/**
 * A long press is sent when the button is let go, which may be 7 s after the only `hold` (captured
 * of a Shelly BLU Button1). A button that is held for 10 s starts the device's pairing mode.
 */
const RELEASE_MS = 12_000;

const LONG: ReadonlySet<PressPattern> = new Set(['long', 'longDouble', 'longTriple']);
/** What may follow a `hold` of the same use. */
export const ENDS: readonly PressPattern[] = ['single', 'double', 'triple', ...LONG];

/**
 * Finds out which messages about one button are of one use of it: `hold`, `hold`, `long` is one
 * long press, and `hold`, `single` is one press. Any of them may be lost.
 */
export class ButtonUse {
  readonly #holdComesFirst: boolean;
  #phase: 'clicked' | 'held' | 'over' = 'over';
  #lastMs = LONG_AGO_MS;
  #isHeldOn = false;

  /**
   * @param holdComesFirst the device sends `hold` before a click, so a `hold` behind one is another
   *   use
   */
  constructor(holdComesFirst: boolean) {
    this.#holdComesFirst = holdComesFirst;
  }

  /** The button was said to be held more than once: it was no click. */
  get isHeldOn(): boolean {
    return this.#isHeldOn;
  }

  /** `begins`: another use of the button. `goesOn`, `ends`: of the use that was heard before. */
  hear(pattern: PressPattern, heardMs: MonoMs): 'begins' | 'goesOn' | 'ends' {
    const sinceMs = heardMs - this.#lastMs;
    this.#lastMs = heardMs;
    if (pattern === 'hold') {
      this.#isHeldOn = this.#phase !== 'over' && sinceMs < STILL_HELD_MS;
      this.#phase = 'held';
      return this.#isHeldOn ? 'goesOn' : 'begins';
    }
    const ends = this.#phase === 'held' && sinceMs <= (LONG.has(pattern) ? RELEASE_MS : CLICKS_MS);
    this.#phase = ends || this.#holdComesFirst ? 'over' : 'clicked';
    return ends ? 'ends' : 'begins';
  }

  /** A `hold` was heard then, in an earlier run. */
  recoverHold(heardMs: MonoMs): void {
    if (heardMs <= this.#lastMs) return;
    this.#phase = 'held';
    this.#lastMs = heardMs;
  }
}
