import { Carrier } from './carrier.ts';
import { type EngineRecord, own } from './engine-record.ts';
import { KeptState } from './kept-state.ts';
import { parseEntry } from './recovered-records.ts';
import type { RecoveredSegments } from './recovery.ts';

/**
 * Knows the sum of all records written so far. Says what the journal has to write once more so that
 * reading it back stays short.
 */
export class EngineState {
  #kept = new KeptState();
  #carrier: Carrier;
  readonly #segmentBytes: number;
  /**
   * False if records of an earlier run appeared so late that nobody knows what they and the others
   * add up to.
   */
  #mayCarry = true;

  constructor(segmentBytes: number) {
    this.#segmentBytes = segmentBytes;
    this.#carrier = new Carrier(segmentBytes, 0);
  }

  /** The segment of each key that is held. */
  get held(): ReadonlyMap<string, number> {
    return this.#kept.table();
  }

  /** The same of keys whose segment is missing. */
  get away(): ReadonlyMap<string, number> {
    return this.#kept.away;
  }

  /** Number of the oldest segment that must stay, or `undefined` if none must. */
  get oldestHeld(): number | undefined {
    return this.#kept.oldest();
  }

  /**
   * Adopts the records of earlier runs.
   *
   * @param hasBegun true if records of this run have been written already. The keys are held all
   * the same, so that the next start finds them.
   */
  adopt({ kept, texts }: RecoveredSegments, hasBegun: boolean): void {
    if (hasBegun || !this.#kept.isEmpty) {
      if (this.#kept.addMissing(kept)) this.#mayCarry = false;
      return;
    }
    this.#kept = kept;
    this.#carrier = new Carrier(
      this.#segmentBytes,
      texts.reduce((sum, text) => sum + text.length, 0),
    );
  }

  /**
   * Records that wait to be carried do not stand for records of an earlier run that appeared later.
   * This unmarks them in place.
   */
  unmark(waiting: EngineRecord[]): void {
    if (this.#mayCarry) return;
    for (const [index, record] of waiting.entries()) {
      const entry = record.carried?.carry !== undefined ? parseEntry(record.json) : undefined;
      if (entry !== undefined) waiting[index] = own({ ...entry, carry: 'item' });
    }
  }

  written({ json, isAgain, carried }: EngineRecord, segment: number): void {
    if (carried !== undefined) {
      this.#kept.carried(carried, segment, json.length);
      return;
    }
    const entry = parseEntry(json);
    if (entry === undefined) return;
    if (isAgain) this.#kept.move(entry, segment);
    else this.#kept.add(entry, segment, json.length);
  }

  /**
   * The segments with the records that are still needed are gone. So these records are to be
   * written before anything newer. They do not stand for everything before them if records of an
   * earlier run appeared late. Whatever else is held stays held.
   *
   * @param waiting not written yet
   * @returns what waits now
   */
  rewrite(waiting: readonly EngineRecord[]): EngineRecord[] {
    this.#carrier.forget();
    const entries = this.#kept.entries();
    const last = entries.length - 1;
    const all = entries.map((entry, index) => {
      if (!this.#mayCarry) return own(entry);
      if (index === last) return own(this.#kept.ended(entry));
      return own({ ...entry, carry: index === 0 ? 'begin' : 'item' });
    });
    const isInThem = ({ carried, isAgain }: EngineRecord) => carried !== undefined || (isAgain && this.#mayCarry);
    return [...all, ...waiting.filter((record) => !isInThem(record))];
  }

  /** Some records of old segments that are still needed, to be written once more. */
  carry(segment: number): EngineRecord[] {
    if (!this.#mayCarry) return [];
    return this.#carrier.next(this.#kept, segment);
  }
}
