import type { JournalEntry } from '../core/journal-record.ts';
import { Carrier } from './carrier.ts';
import { KeptState } from './kept-state.ts';
import { OWN, type PendingRecord } from './record-batch.ts';
import { parseEntry } from './recovered-records.ts';
import type { RecoveredSegments } from './recovery.ts';

export interface EngineRecord extends PendingRecord {
  /** The record is in the journal already, but the chain does not pass it. */
  readonly isAgain?: boolean;
  /** What older records add up to. */
  readonly isCarried?: boolean;
}

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
      const entry = record.isCarried ? parseEntry(record.json) : undefined;
      if (entry?.carry !== undefined) waiting[index] = own({ ...entry, carry: 'item' });
    }
  }

  written({ json, isAgain }: EngineRecord, segment: number): void {
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
    const isInThem = ({ isCarried, isAgain }: EngineRecord) => isCarried || (isAgain && this.#mayCarry);
    return [...all, ...waiting.filter((record) => !isInThem(record))];
  }

  /** Some records of old segments that are still needed, to be written once more. */
  carry(segment: number): EngineRecord[] {
    if (!this.#mayCarry) return [];
    return this.#carrier.next(this.#kept, segment).map(own);
  }
}

function own(entry: JournalEntry): EngineRecord {
  return { number: OWN, json: JSON.stringify(entry), isCarried: true };
}

/**
 * Makes records of texts that are elsewhere in the journal already. The journal writes them again
 * where the chain passes.
 */
export function again(texts: readonly string[]): EngineRecord[] {
  return texts.map((json) => ({ number: OWN, json, isAgain: true }));
}
