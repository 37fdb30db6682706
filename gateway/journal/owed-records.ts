import type { EngineRecord } from './engine-state.ts';
import { OWN, type PendingRecord } from './record-batch.ts';
import { asItem } from './recovered-records.ts';

/**
 * What a directory held that is lost, while it waits to be written elsewhere: then only memory has
 * it. It is given to whoever outlives the journal's thread.
 */
export class OwedRecords {
  readonly #tell: (owed: readonly PendingRecord[]) => void;
  #isOwing = false;

  constructor(tell: (owed: readonly PendingRecord[]) => void) {
    this.#tell = tell;
  }

  /** A directory is lost. @param waiting with what has to be written for it */
  owe(waiting: readonly EngineRecord[]): void {
    // Another thread may know more than these say: each stands for its own key only.
    const owed = waiting.flatMap(({ number, json }) => (number === OWN ? [{ number, json: asItem(json) }] : []));
    this.#isOwing ||= owed.length > 0;
    if (owed.length > 0) this.#tell(owed);
  }

  /** What another thread left has been taken over. */
  takeOver(records: readonly PendingRecord[]): void {
    this.#isOwing ||= records.some(({ number }) => number === OWN);
  }

  /** To be called after each write. */
  settle(waiting: readonly PendingRecord[]): void {
    if (!this.#isOwing || waiting.some(({ number }) => number === OWN)) return;
    this.#isOwing = false;
    this.#tell([]);
  }
}
