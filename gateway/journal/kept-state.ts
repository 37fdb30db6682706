import type { JournalEntry } from '../core/journal-record.ts';
import { JournalReplay, replayed } from '../core/restart/journal-replay.ts';
import { isReadable } from '../core/restart/record-shape.ts';
import { PackedMap } from '../system/packed-map.ts';
import { KeyPlaces, type Place } from './key-places.ts';

/** What an entry says about its key, beside its record. */
type KeyMarks = Omit<JournalEntry, 'record'>;

/** The sum of the records so far, and where the records are that add up to it. */
class Ledger {
  readonly replay = new JournalReplay(new PackedMap<string>(), 0);
  places = new KeyPlaces();
  /**
   * Records that hold a key but that only another version of the gateway can read. They are kept
   * unchanged.
   */
  readonly foreign = new Map<string, JournalEntry>();

  add(entry: JournalEntry, place: Place): void {
    const { record, holds, releases } = entry;
    this.replay.add(record);
    mark(this.places, entry, place);
    if (holds !== undefined && !isReadable(record)) this.foreign.set(holds, { record, holds });
    if (releases !== undefined) this.foreign.delete(releases);
  }

  entriesOf(keys: readonly string[]): JournalEntry[] {
    const foreign = keys.flatMap((key) => this.foreign.get(key) ?? []);
    return [...foreign, ...this.replay.entries(keys)];
  }

  /** Keys that the other ledger does not stand for move to it. */
  giveTo(other: Ledger, keys: readonly string[]): void {
    for (const key of keys) {
      const place = this.places.get(key);
      if (place === undefined || other.places.has(key)) continue;
      other.places.set(key, place);
      for (const entry of this.entriesOf([key])) other.add(entry, place);
    }
  }
}

/** A record that holds and releases one key releases it. */
function mark(places: KeyPlaces, { holds, releases }: KeyMarks, place: Place): void {
  if (holds !== undefined) places.set(holds, place);
  if (releases !== undefined) places.delete(releases);
}

/**
 * Knows what a start needs of the journal, updated with each record: what is open and what stands,
 * and which segment has the record that must be kept for each key.
 *
 * Carried records count once the last of them is there. Then they stand for everything before the
 * first. Without the last, each counts for its own key only, because older records may be gone.
 */
export class KeptState {
  #ledger = new Ledger();
  /** Sum of what is carried, while the journal is read back. */
  #carried: Ledger | undefined;
  /** While this run carries: the places of what is carried so far, and of the news since then. */
  #moved: KeyPlaces | undefined;
  #bytes = 0;
  /** Keys whose record is in a missing segment. No other segment has to stay for them. */
  readonly #away: Map<string, number>;

  /**
   * @param table of a segment's header: the segment of each key before anything is added
   * @param away the same of keys whose segment was missing
   */
  constructor(table: ReadonlyMap<string, number> = new Map(), away: ReadonlyMap<string, number> = new Map()) {
    this.#away = new Map(away);
    for (const [key, segment] of table) this.#ledger.places.set(key, { segment, position: -1 });
  }

  /** Nothing was added yet. */
  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  add(entry: JournalEntry, segment: number, bytes: number): void {
    const place = this.#next(segment, bytes);
    if (entry.carry === 'begin') {
      this.leaveUnfinished();
      this.#carried = new Ledger();
    }
    // The beginning is missing, so the records that it stands for are missing, too.
    if (entry.carry === undefined || this.#carried === undefined) this.#ledger.add(entry, place);
    this.#carried?.add(entry, place);
    if (this.#moved !== undefined) mark(this.#moved, entry, place);
    if (entry.releases !== undefined) this.#away.delete(entry.releases);
    if (entry.carry === 'end' && this.#carried !== undefined) {
      this.#ledger.giveTo(this.#carried, entry.without ?? []);
      this.#ledger = this.#carried;
      this.#carried = undefined;
    }
  }

  /**
   * An entry was written that was made of this state: the sum stays, only its place is new. So a
   * record that is carried again and again costs no sum.
   */
  carried(marks: KeyMarks, segment: number, bytes: number): void {
    const place = this.#next(segment, bytes);
    if (marks.carry === 'begin') {
      // The end of the carrying before this one will not come.
      for (const [key, moved] of this.#moved ?? []) this.#ledger.places.set(key, moved);
      this.#moved = new KeyPlaces();
    }
    const moved = this.#moved;
    mark(moved ?? this.#ledger.places, marks, place);
    if (moved === undefined || marks.carry !== 'end') return;
    for (const key of marks.without ?? []) {
      const stays = this.#ledger.places.get(key);
      if (stays !== undefined && !moved.has(key)) moved.set(key, stays);
    }
    this.#ledger.places = moved;
    this.#moved = undefined;
  }

  /** The end of this carrying will not come. */
  leaveUnfinished(): void {
    const carried = this.#carried;
    this.#carried = undefined;
    for (const [key, place] of carried?.places ?? [])
      for (const entry of carried?.entriesOf([key]) ?? []) this.#ledger.add(entry, place);
    for (const { record } of carried?.replay.first() ?? []) this.#ledger.replay.add(record);
    const counters = carried?.places.get('counters');
    if (carried !== undefined && counters !== undefined) this.#ledger.add(carried.replay.last(), counters);
  }

  /** A record that was added before is now in another segment as well. */
  move(marks: KeyMarks, segment: number): void {
    const place = this.#next(segment, 0);
    mark(this.#ledger.places, marks, place);
    if (this.#moved !== undefined) mark(this.#moved, marks, place);
  }

  /** @returns true if this state lacked any of the keys */
  addMissing(older: KeptState): boolean {
    let isAny = false;
    for (const [key, { segment }] of older.#ledger.places) {
      this.#away.delete(key);
      if (this.#ledger.places.has(key)) continue;
      this.#ledger.places.set(key, { segment, position: -1 });
      isAny = true;
    }
    return isAny;
  }

  /** Number of the oldest segment that must stay, or `undefined` if none must. */
  oldest(): number | undefined {
    return this.#ledger.places.oldest()?.segment;
  }

  /** How far back the oldest record lies that must stay. */
  reach(segment: number): { readonly bytes: number; readonly segments: number } {
    const oldest = this.#ledger.places.oldest();
    if (oldest === undefined) return { bytes: 0, segments: 0 };
    return { bytes: this.#bytes - Math.max(0, oldest.position), segments: segment - oldest.segment };
  }

  /** Those of the keys that are held. */
  keysOf(keys: readonly string[]): string[] {
    return keys.filter((key) => this.#ledger.places.has(key));
  }

  /** Keys whose record was not added. */
  unseen(): string[] {
    return [...this.#ledger.places].flatMap(([key, { position }]) => (position < 0 ? [key] : []));
  }

  /**
   * Some segments are missing. The journal waits for the records in them, but keeps no other
   * segment for them.
   */
  leaveAway(isThere: (segment: number) => boolean): void {
    for (const key of this.unseen()) {
      const segment = this.#ledger.places.get(key)?.segment ?? 0;
      if (isThere(segment)) continue;
      this.#ledger.places.delete(key);
      this.#away.set(key, segment);
    }
  }

  table(): ReadonlyMap<string, number> {
    return new Map([...this.#ledger.places].map(([key, { segment }]) => [key, segment]));
  }

  get away(): ReadonlyMap<string, number> {
    return this.#away;
  }

  /** Few entries that add up to the same as everything added. */
  entries(): JournalEntry[] {
    const [first, ...others] = replayed(this.#ledger.replay);
    return [...(first === undefined ? [] : [first]), ...this.#ledger.foreign.values(), ...others];
  }

  /** The same in parts: `first`, some keys at a time, `last`. News may be added between them. */
  first(): JournalEntry[] {
    return this.#ledger.replay.first();
  }

  keys(): string[] {
    return [...this.#ledger.foreign.keys(), ...this.#ledger.replay.keys()];
  }

  entriesOf(keys: readonly string[]): JournalEntry[] {
    return this.#ledger.entriesOf(keys);
  }

  /** JSON of the record of a key, if the state keeps it as that. */
  textOf(key: string): string | undefined {
    return this.#ledger.foreign.has(key) ? undefined : this.#ledger.replay.textOf(key);
  }

  last(): JournalEntry {
    return this.#ledger.replay.last();
  }

  /** The end of what is carried. */
  ended(last: JournalEntry): JournalEntry {
    const without = [...this.#away.keys()];
    return { ...last, carry: 'end', ...(without.length > 0 && { without }) };
  }

  #next(segment: number, bytes: number): Place {
    const place = { segment, position: this.#bytes };
    this.#bytes += bytes;
    return place;
  }
}
