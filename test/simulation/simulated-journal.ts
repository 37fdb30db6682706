import { type Random, randomBelow } from '../../device-sim/random.ts';
import type { JournalEntry, JournalRecord } from '../../gateway/core/journal-record.ts';
import { JournalReplay, replayed } from '../../gateway/core/restart/journal-replay.ts';

interface Pending {
  readonly number: number;
  readonly entry: JournalEntry;
}

/** A journal with late durability that crashes cut short. It forgets records that nothing holds. */
export class SimulatedJournal {
  #durable: JournalEntry[] = [];
  #pending: Pending[] = [];
  #forgotten = 0;
  readonly #random: Random;

  constructor(random: Random, entries: readonly JournalEntry[] = []) {
    this.#random = random;
    this.#durable = [...entries];
  }

  get records(): readonly JournalRecord[] {
    return this.#durable.map((entry) => entry.record);
  }

  /** Returns the entries, for a history that is cut short elsewhere. */
  get entries(): readonly JournalEntry[] {
    return this.#durable;
  }

  /** Something is not durable yet. */
  get isWaiting(): boolean {
    return this.#pending.length > 0;
  }

  append(number: number, entry: JournalEntry): void {
    this.#pending.push({ number, entry });
  }

  /** @returns true if anything became durable */
  makeDurable(number: number): boolean {
    const count = this.#pending.filter((each) => each.number <= number).length;
    this.#durable.push(...this.#pending.splice(0, count).map((each) => each.entry));
    return count > 0;
  }

  /**
   * Drops everything that is not durable, except a prefix that the disk happened to have, unless it
   * is stuck.
   * @returns what was lost
   */
  crash(stuck: boolean): JournalRecord[] {
    const kept = stuck ? 0 : randomBelow(this.#random, this.#pending.length + 1);
    this.#durable.push(...this.#pending.slice(0, kept).map((each) => each.entry));
    const lost = this.#pending.slice(kept).map((each) => each.entry.record);
    this.#pending = [];
    return lost;
  }

  /** Returns true if a crash now would leave the alert's record. */
  hasAlert(id: string): boolean {
    return this.#durable.some(({ record }) => {
      const alert = record.t === 'kept' ? record.of : record;
      return alert.t === 'alert' && alert.id === id;
    });
  }

  /**
   * Applies the strictest retention: all records older than the oldest held one go, or a random
   * part of them. Every third time the sum of the older records has been written again, and they
   * all go.
   */
  forget(): void {
    this.#forgotten += 1;
    if (this.#forgotten % 3 === 0) this.#durable = replayed(this.#replay());
    const oldest = Math.min(this.#durable.length, ...this.held().values());
    this.#durable.splice(0, randomBelow(this.#random, 2) === 0 ? oldest : randomBelow(this.#random, oldest + 1));
  }

  #replay(): JournalReplay {
    const replay = new JournalReplay();
    for (const { record } of this.#durable) replay.add(record);
    return replay;
  }

  /** Position of the record that is kept for each key. */
  held(): Map<string, number> {
    const held = new Map<string, number>();
    this.#durable.forEach(({ holds, releases }, index) => {
      if (holds !== undefined) held.set(holds, index);
      if (releases !== undefined) held.delete(releases);
    });
    return held;
  }
}
