import type { EngineRecord } from './engine-record.ts';
import { OWN, type PendingRecord } from './record-batch.ts';
import { asItem } from './recovered-records.ts';

/**
 * The records of a lost directory, until they are written elsewhere. Until then only memory has
 * them. A copy goes to the main thread, which outlives the journal's thread.
 */
export class OwedRecords {
  readonly #tell: (owed: readonly PendingRecord[]) => void;
  #isOwing = false;

  constructor(tell: (owed: readonly PendingRecord[]) => void) {
    this.#tell = tell;
  }

  /**
   * A directory is lost.
   *
   * @param waiting with the records to be written for it
   */
  owe(waiting: readonly EngineRecord[]): void {
    // Another thread may know more than these records: each stands for its own key only.
    const owed = waiting.flatMap(({ number, json }) => (number === OWN ? [{ number, json: asItem(json) }] : []));
    this.#isOwing ||= owed.length > 0;
    if (owed.length > 0) this.#tell(owed);
  }

  /** This thread has the records that another thread left. */
  takeOver(records: readonly PendingRecord[]): void {
    this.#isOwing ||= records.some(({ number }) => number === OWN);
  }

  /** Call this after each write. */
  settle(waiting: readonly PendingRecord[]): void {
    if (!this.#isOwing || waiting.some(({ number }) => number === OWN)) return;
    this.#isOwing = false;
    this.#tell([]);
  }
}
