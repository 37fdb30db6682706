import type { JournalEntry } from '../core/journal-record.ts';
import type { KeptState } from './kept-state.ts';

/** So far behind, a start would have to read too much, and segments that hold almost nothing could not be deleted: part of a segment. */
const BEHIND_PART = 1 / 16;
const BEHIND_SEGMENTS = 16;
/** Not before as many times what has to be written for it has been written anyway. */
const WORTH = 4;
/** Entries of one step. */
const STEP_ENTRIES = 64;

/** Has what still matters of old segments written once more, in steps, so that these may be deleted when their time has come. */
export class Carrier {
  readonly #behindBytes: number;
  #keys: string[] | undefined;
  #lastBytes: number;
  #bytes = 0;

  /** @param bytes that all entries to be carried would have now */
  constructor(segmentBytes: number, bytes: number) {
    this.#behindBytes = segmentBytes * BEHIND_PART;
    this.#lastBytes = bytes;
  }

  /** What is to be written next; empty: nothing. */
  next(kept: KeptState, segment: number): JournalEntry[] {
    if (this.#keys === undefined) return this.#isDue(kept, segment) ? this.#begin(kept) : [];
    while (this.#keys.length > 0) {
      const entries = kept.entriesOf(this.#keys.splice(0, STEP_ENTRIES));
      if (entries.length > 0) return this.#marked(entries.map((entry) => ({ ...entry, carry: 'item' })));
    }
    this.#keys = undefined;
    const end = this.#marked([kept.ended(kept.last())]);
    this.#lastBytes = this.#bytes;
    return end;
  }

  /** What was begun is not gone on with. */
  forget(): void {
    this.#keys = undefined;
  }

  #isDue(kept: KeptState, segment: number): boolean {
    const { bytes, segments } = kept.reach(segment);
    return bytes > WORTH * this.#lastBytes && (bytes > this.#behindBytes || segments > BEHIND_SEGMENTS);
  }

  #begin(kept: KeptState): JournalEntry[] {
    this.#bytes = 0;
    this.#keys = kept.keys();
    return this.#marked(kept.first().map((entry, index) => ({ ...entry, carry: index === 0 ? 'begin' : 'item' })));
  }

  #marked(entries: JournalEntry[]): JournalEntry[] {
    this.#bytes += JSON.stringify(entries).length;
    return entries;
  }
}
