import type { Step } from '../../protocol/after-action-document.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { JournalRecord } from '../core/journal-record.ts';

/** A moment of the journal: its time by the wall clock, and how far that had been set by then. */
export interface Moment {
  readonly at: number;
  readonly setMs: number;
}

/** The gateway's wall clock as the records show it. Records are read in their order. */
export class RecordedClock {
  /** How far the clock has been set since the first record. */
  #setMs = 0;

  add(record: JournalRecord): void {
    if (record.t === 'clockSet') this.#setMs += record.byMs;
  }

  /** @param at time of the record that was read last */
  moment(at: number): Moment {
    return { at, setMs: this.#setMs };
  }
}

/** What passed between two moments, without what the clock was set; below 0: it is not known. */
export function passedMs(from: Moment, to: Moment): number {
  return to.at - from.at - (to.setMs - from.setMs);
}

export function stepAfter(from: Moment, to: Moment): Step {
  const afterMs = Math.round(passedMs(from, to) * 10) / 10;
  return { at: isoTime(to.at), after_ms: afterMs < 0 ? null : afterMs };
}
