import { after, LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { SavedButton } from '../journal-record.ts';
import type { ButtonReading } from '../signal.ts';
import { ButtonState } from './button-state.ts';
import { EventMarks } from './event-marks.ts';
import { QuietTimes } from './quiet-times.ts';

/** Of a longer value, the start is remembered. */
const REMEMBERED_LENGTH = 128;
/**
 * Devices that publish their last event again do so within this time of a connection: every 30 s
 * by default (Shelly Gen1 `mqtt_update_period`).
 */
const PUBLISHED_AGAIN_MS = 120_000;

/**
 * A device that publishes its last event again does so more often than this, or when it could not
 * be heard. After a longer silence the same number may be of a new event: a packet id has 256, and
 * begins anew with a new battery.
 */
const SILENCE_MS = 900_000;

/**
 * What a reading of a button is. `retained`: the broker kept a press that was not heard, and
 * nothing says when it was. `bounced`: a press that is taken for the bouncing of the contact.
 * `endless`: a repeat, and the button has said nothing but repeats for a minute. `lateRepeat`: one
 * after a silence, with nothing that would explain it.
 */
type Heard = 'press' | 'release' | 'repeat' | 'retained' | 'bounced' | 'endless' | 'lateRepeat';

/** Remembers what one button said last on a wire that numbers nothing, and so tells a new press. */
export class ButtonMemory {
  readonly #marks = new EventMarks();
  readonly #state = new ButtonState();
  readonly #quiet = new QuietTimes();
  /** When a mark was heard last. */
  #markedMs = LONG_AGO_MS;
  /** Until then the first event may be an old one; `undefined`: nothing can be heard yet. */
  #uncertainUntilMs: MonoMs | undefined;
  #isUncertain = true;
  /** The last change of the memory was by a press, as far as is known. */
  #wasPress = true;

  /** Nothing of the button can be heard: its next event may be older than its message. */
  lost(): void {
    this.#isUncertain = true;
    this.#uncertainUntilMs = undefined;
    this.#marks.lost();
  }

  /** The button can be heard again. */
  found(nowMs: MonoMs): void {
    if (this.#isUncertain) this.#uncertainUntilMs ??= after(nowMs, PUBLISHED_AGAIN_MS);
  }

  /**
   * @param isRetained the broker had kept the message
   * @returns `isOld`: the press may be older than the message. `mustSave`: the memory has changed,
   *   and a restart needs the change
   */
  hear(
    reading: ButtonReading,
    isRetained: boolean,
    nowMs: MonoMs,
  ): { readonly heard: Heard; readonly isOld: boolean; readonly mustSave: boolean } {
    const isFirst = this.#isUncertain && (this.#uncertainUntilMs === undefined || nowMs < this.#uncertainUntilMs);
    const isOld = reading.repeats.by !== 'time' && (isRetained || isFirst);
    this.#isUncertain = false;
    const before = [this.#marks.saved, this.#state.saved];
    const heard = this.#explained(reading, this.#hear(reading, isRetained, nowMs), isRetained || isFirst, nowMs);
    const isChanged = before[0] !== this.#marks.saved || before[1] !== this.#state.saved;
    const isPress = heard !== 'release';
    // A device may date every message. Of those that are no press, only the first after one counts.
    const mustSave = isChanged && (isPress || this.#wasPress || reading.repeats.by === 'state');
    if (isChanged) this.#wasPress = isPress;
    return { heard, isOld: isOld && heard === 'press', mustSave };
  }

  /** @param isExplained devices publish their last event again in such a message */
  #explained({ repeats, means }: ButtonReading, heard: Heard, isExplained: boolean, nowMs: MonoMs): Heard {
    if (repeats.by !== 'mark') return heard;
    const isLate = nowMs - this.#markedMs > SILENCE_MS;
    this.#markedMs = nowMs;
    return heard === 'repeat' && means !== 'release' && isLate && !isExplained ? 'lateRepeat' : heard;
  }

  get saved(): SavedButton | undefined {
    const marks = this.#marks.saved;
    const state = this.#state.saved;
    if (marks === undefined && state === undefined) return undefined;
    return { ...(marks === undefined ? {} : { marks }), ...(state === undefined ? {} : { state }) };
  }

  /** Recovers what an earlier run heard, where this run has heard nothing yet. */
  recover({ marks, state }: SavedButton): void {
    if (marks !== undefined) this.#marks.recover(marks);
    if (state !== undefined) this.#state.recover(state);
  }

  #hear({ repeats, means, ...reading }: ButtonReading, isRetained: boolean, nowMs: MonoMs): Heard {
    const value = reading.value.slice(0, REMEMBERED_LENGTH);
    const isPress = means !== 'release';
    switch (repeats.by) {
      case 'state':
        return this.#stateHeard(value, isPress, isRetained, nowMs);
      case 'mark': {
        const event = { mark: repeats.mark, value, isPress };
        const novelty = isRetained ? this.#marks.hearRetained(event) : this.#marks.hear(event, nowMs);
        if (novelty !== 'new') return novelty;
        return isPress ? 'press' : 'release';
      }
      case 'time': {
        if (!isPress) return 'release';
        // Nothing says whether it was heard before, or how old it is.
        if (isRetained) return 'repeat';
        const novelty = this.#quiet.hear(value, repeats.withinMs, nowMs);
        return novelty === 'new' ? 'press' : novelty;
      }
    }
  }

  /**
   * A retained state is the present one. If it is another than was heard last, the button was
   * pressed while nobody heard it, and stands pressed. Before anything was heard, it may have stood
   * so for ever.
   */
  #stateHeard(value: string, isPress: boolean, isRetained: boolean, nowMs: MonoMs): Heard {
    const change = this.#state.hear(value, isRetained ? undefined : nowMs);
    if (change === 'same') return 'repeat';
    if (!isPress) return 'release';
    if (change === 'bounced') return 'bounced';
    return change === 'first' && isRetained ? 'retained' : 'press';
  }
}
