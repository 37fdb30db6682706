import { type Random, randomBelow } from '../../device-sim/random.ts';
import type { JournalEntry, JournalRecord } from '../../gateway/core/journal-record.ts';
import { JournalReplay, replayed } from '../../gateway/core/restart/journal-replay.ts';

interface Pending {
  readonly number: number;
  readonly entry: JournalEntry;
}

/** A journal that is durable late, is cut short by crashes, and forgets what nothing holds any more. */
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

  /** The entries, for a history cut short elsewhere. */
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

  /** What is not durable is gone, but for a prefix that the disk happened to have, unless it is stuck. @returns what was lost */
  crash(stuck: boolean): JournalRecord[] {
    const kept = stuck ? 0 : randomBelow(this.#random, this.#pending.length + 1);
    this.#durable.push(...this.#pending.slice(0, kept).map((each) => each.entry));
    const lost = this.#pending.slice(kept).map((each) => each.entry.record);
    this.#pending = [];
    return lost;
  }

  /** True if a crash now would leave the alert's record. */
  hasAlert(id: string): boolean {
    return this.#durable.some(({ record }) => {
      const alert = record.t === 'kept' ? record.of : record;
      return alert.t === 'alert' && alert.id === id;
    });
  }

  /**
   * Retention at its keenest: everything goes that is older than the oldest record still held, or a random part of it. Every third
   * time what older records add up to has been written once more, and they are gone altogether.
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

  /** Where the record stands that is kept for each key. */
  held(): Map<string, number> {
    const held = new Map<string, number>();
    this.#durable.forEach(({ holds, releases }, index) => {
      if (holds !== undefined) held.set(holds, index);
      if (releases !== undefined) held.delete(releases);
    });
    return held;
  }
}
