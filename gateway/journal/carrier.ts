import { carriedItem, type EngineRecord, own } from './engine-record.ts';
import type { KeptState } from './kept-state.ts';

/**
 * The carrier writes an entry again when it lies this part of a segment behind. If it waited
 * longer, a start would read too much, and the journal could not delete segments that hold almost
 * nothing.
 */
const BEHIND_PART = 1 / 16;
const BEHIND_SEGMENTS = 16;
/**
 * The carrier waits until the records since then take this many times the bytes that the last
 * carrying took.
 */
const WORTH = 4;
/** The most entries of one step. */
const STEP_ENTRIES = 64;

/**
 * Writes everything in old segments that is still needed once more, in steps. Then the journal can
 * delete these segments when they are old enough.
 */
export class Carrier {
  readonly #behindBytes: number;
  #keys: string[] | undefined;
  #lastBytes: number;
  #bytes = 0;

  /** @param bytes size of all entries to be carried now */
  constructor(segmentBytes: number, bytes: number) {
    this.#behindBytes = segmentBytes * BEHIND_PART;
    this.#lastBytes = bytes;
  }

  /** @returns the records to be written next; empty if there are none */
  next(kept: KeptState, segment: number): EngineRecord[] {
    if (this.#keys === undefined) return this.#isDue(kept, segment) ? this.#begin(kept) : [];
    while (this.#keys.length > 0) {
      const items = itemsOf(kept, this.#keys.splice(0, STEP_ENTRIES));
      if (items.length > 0) return this.#counted(items);
    }
    this.#keys = undefined;
    const end = this.#counted([own(kept.ended(kept.last()))]);
    this.#lastBytes = this.#bytes;
    return end;
  }

  /** Abandons a carrying that has begun. */
  forget(): void {
    this.#keys = undefined;
  }

  #isDue(kept: KeptState, segment: number): boolean {
    const { bytes, segments } = kept.reach(segment);
    return bytes > WORTH * this.#lastBytes && (bytes > this.#behindBytes || segments > BEHIND_SEGMENTS);
  }

  #begin(kept: KeptState): EngineRecord[] {
    this.#bytes = 0;
    this.#keys = kept.keys();
    return this.#counted(kept.first().map((entry, index) => own({ ...entry, carry: index === 0 ? 'begin' : 'item' })));
  }

  #counted(records: EngineRecord[]): EngineRecord[] {
    for (const { json } of records) this.#bytes += json.length;
    return records;
  }
}

/**
 * In the order of the keys. Most open alerts are texts already: to make records of them again would
 * cost more than all else.
 */
function itemsOf(kept: KeptState, keys: readonly string[]): EngineRecord[] {
  const items: EngineRecord[] = [];
  let others: string[] = [];
  const addOthers = (): void => {
    if (others.length === 0) return;
    for (const entry of kept.entriesOf(others)) items.push(own({ ...entry, carry: 'item' }));
    others = [];
  };
  for (const key of keys) {
    const text = kept.textOf(key);
    if (text === undefined) {
      others.push(key);
      continue;
    }
    addOthers();
    items.push(carriedItem(text, key));
  }
  addOthers();
  return items;
}
