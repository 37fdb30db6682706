import type { MonoMs } from '../../../protocol/clocks.ts';
import type { SavedMarks } from '../journal-record.ts';

/**
 * An earlier event within this time after the next one is a duplicate that was overtaken. Later, a
 * device that has restarted may count the same numbers again.
 */
const OVERTAKEN_MS = 10_000;
const EARLIER_MAX = 8;
/** Different values under one mark (pressed, let go) that are remembered. */
const VALUES_MAX = 8;

interface Earlier extends Pick<SavedMarks, 'mark' | 'values'> {
  /** When the next event was heard. */
  readonly untilMs: MonoMs;
}

interface MarkedEvent {
  readonly mark: string;
  readonly value: string;
  readonly isPress: boolean;
}

/**
 * `retained`: the broker kept a press that was not heard, and nothing says when it was.
 */
type Novelty = 'new' | 'repeat' | 'retained';

/**
 * Tells the events of one button apart by the mark that the device gives them: a counter (Shelly
 * Gen1 `event_cnt`), a packet id (BLU `pid`) or a time (Shelly Gen2 `ts`). The last mark again is a
 * repeat, however late: Shelly Gen1 publishes its last event every 30 s. Any other mark is a new
 * event, a lower one too: a device that restarts counts from the beginning.
 */
export class EventMarks {
  #last: SavedMarks | undefined;
  /** Oldest first. */
  #earlier: readonly Earlier[] = [];
  /** Since the last new event the device could not be heard: it may have restarted. */
  #wasLost = false;

  /** What outlives a restart; another object after each change. `undefined`: nothing was heard. */
  get saved(): SavedMarks | undefined {
    return this.#last;
  }

  recover(saved: SavedMarks): void {
    this.#last ??= saved;
  }

  /** The device, or the way to it, is lost. */
  lost(): void {
    this.#wasLost = true;
  }

  hear({ mark, value, isPress }: MarkedEvent, nowMs: MonoMs): Novelty {
    const last = this.#last;
    if (last === undefined) {
      this.#last = { mark, values: [value] };
      return 'new';
    }
    if (last.mark === mark) return this.#sameMark(last, value);
    const isOvertaken = this.#isOvertaken(mark, value, nowMs);
    // An event that is no press may also be of a restart. Then the numbers begin anew, and the last
    // press's number must not make the next press a repeat for ever.
    if (isOvertaken && isPress) return 'repeat';
    this.#last = { ...last, mark, values: [value] };
    // Shelly Gen1 says so at its start: no event, number 0.
    const beginsAnew = this.#wasLost && Number(mark) === 0;
    const hasRestarted = !isPress && (isOvertaken ? beginsAnew : Number(mark) < Number(last.mark));
    this.#wasLost = false;
    this.#earlier = hasRestarted ? [] : [...this.#earlier, { ...last, untilMs: nowMs }].slice(-EARLIER_MAX);
    return 'new';
  }

  /**
   * The broker kept the event, so nothing says when it was. If nothing was heard before, it is
   * where the counting begins. A press that the gateway has not heard is reported once. It does not
   * count as heard: if the device itself publishes it again, it becomes an alert.
   */
  hearRetained({ mark, value, isPress }: MarkedEvent): Novelty {
    const last = this.#last;
    if (last === undefined) {
      this.#last = { mark, values: [value] };
      return 'repeat';
    }
    const retained = `${mark} ${value}`;
    const isHeard = [last, ...this.#earlier].some((each) => each.mark === mark && each.values.includes(value));
    if (isHeard || last.retained === retained) return 'repeat';
    this.#last = isPress ? { ...last, retained } : { ...last, mark, values: [value] };
    return isPress ? 'retained' : 'repeat';
  }

  #sameMark(last: SavedMarks, value: string): Novelty {
    if (last.values.includes(value)) return 'repeat';
    this.#last = { ...last, values: [...last.values, value].slice(-VALUES_MAX) };
    return 'new';
  }

  #isOvertaken(mark: string, value: string, nowMs: MonoMs): boolean {
    return this.#earlier.some((each) => {
      return each.mark === mark && each.values.includes(value) && nowMs - each.untilMs < OVERTAKEN_MS;
    });
  }
}
