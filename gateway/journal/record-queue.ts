import type { PendingRecord } from './record-batch.ts';

/** Records kept in memory while the disk can't take them; about 20 MB. */
const QUEUE_MAX = 50_000;

/** Records not yet given to the journal's thread, bounded. */
export class RecordQueue {
  #records: PendingRecord[] = [];
  #most: number;

  constructor(most = QUEUE_MAX) {
    this.#most = most;
  }

  get length(): number {
    return this.#records.length;
  }

  /** @returns how many older records were dropped for it */
  push(record: PendingRecord): number {
    this.#records.push(record);
    return this.#records.length > this.#most ? this.#giveUpSome() : 0;
  }

  /** Takes the oldest records out. */
  take(most: number): PendingRecord[] {
    return this.#records.splice(0, most);
  }

  /**
   * Drops the oldest tenth. Records that a restart would not need go first: those with a newer
   * record for their key.
   */
  #giveUpSome(): number {
    const few = Math.max(1, Math.floor(this.#most / 10));
    const settled = new Set<string>();
    const needed = this.#records.map(() => false);
    for (let index = this.#records.length - 1; index >= 0; index -= 1) {
      for (const key of [this.#records[index]?.holds, this.#records[index]?.releases]) {
        if (key === undefined || settled.has(key)) continue;
        settled.add(key);
        needed[index] = true;
      }
    }
    const before = this.#records.length;
    let spared = 0;
    this.#records = this.#records.filter((_, index) => needed[index] || ++spared > few);
    if (this.#records.length > this.#most) this.#records.splice(0, few);
    return before - this.#records.length;
  }
}
