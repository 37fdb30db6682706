import type { Publication } from '../../protocol/mqtt-documents.ts';
import { isRetained, topicPlace } from '../../protocol/mqtt-topics.ts';

export interface OutboxEntry {
  readonly publication: Publication;
  /** The core's number, told back when the broker has it. */
  readonly number?: number;
  /** Of an event: monotonic ms at which it happened. */
  readonly atMs?: number;
}

/**
 * What waits for the MQTT thread, in order and bounded, so that a thread that hangs can't grow the alert path's memory.
 *
 * A document replaces the older one of its topic that still waits: each tells the whole story so far, and in a storm an alert that
 * was raised and sent within a millisecond is said once. Documents that their topics hold from now on wait however many they are: no more
 * than the site has devices and doors, and open alerts, which the core has in mind anyway. Of the rest there may be so many: events queue in
 * full, and make room first, as their time has passed; then the oldest.
 */
export class Outbox {
  readonly #limit: number;
  #entries = new Map<string, OutboxEntry>();
  /** Of the entries those that no topic holds. */
  #passing = 0;
  #unique = 0;
  #dropped = 0;

  /** @param limit most entries that no topic holds */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  add(entry: OutboxEntry): void {
    const key = this.#key(entry.publication);
    this.#set(key, withNumber(entry, this.#entries.get(key)));
    this.#fit();
  }

  /** Removes up to `count` of the oldest and returns them. */
  take(count: number): OutboxEntry[] {
    const taken: OutboxEntry[] = [];
    for (const [key, entry] of this.#entries) {
      if (taken.length >= count) break;
      this.#delete(key, entry);
      taken.push(entry);
    }
    return taken;
  }

  /** Puts entries that were taken but never arrived back in front. A state that was replaced meanwhile stays replaced. */
  putBack(entries: readonly OutboxEntry[]): void {
    const later = this.#entries;
    this.#entries = new Map();
    this.#passing = 0;
    for (const entry of entries) {
      const key = this.#key(entry.publication);
      const newer = later.get(key);
      if (newer === undefined) this.#set(key, entry);
      else later.set(key, withNumber(newer, entry));
    }
    for (const [key, entry] of later) this.#set(key, entry);
    this.#fit();
  }

  /** Puts the states in front whose topics nothing waits for: older than anything that waits, so order holds for each topic. */
  fillIn(states: Iterable<readonly [string, Publication]>): void {
    const waiting = new Set<string>();
    for (const { publication } of this.#entries.values()) waiting.add(topicPlace(publication));
    const missing: OutboxEntry[] = [];
    for (const [place, publication] of states) {
      if (!waiting.has(place)) missing.push({ publication });
    }
    this.putBack(missing);
  }

  #set(key: string, entry: OutboxEntry): void {
    const older = this.#entries.get(key);
    if (older !== undefined) this.#passing -= passes(older);
    this.#entries.set(key, entry);
    this.#passing += passes(entry);
  }

  #delete(key: string, entry: OutboxEntry): void {
    this.#entries.delete(key);
    this.#passing -= passes(entry);
  }

  #key(publication: Publication): string {
    if (publication.kind !== 'event') return topicPlace(publication);
    this.#unique += 1;
    return `#${this.#unique}`;
  }

  /** Makes room for a tenth at once, so that the cost of looking through everything is paid seldom. */
  #fit(): void {
    if (this.#passing <= this.#limit) return;
    const room = Math.floor(this.#limit * 0.9);
    this.#drop(room, ({ kind }) => kind === 'event');
    this.#drop(room, (publication) => !isRetained(publication));
  }

  #drop(room: number, matches: (publication: Publication) => boolean): void {
    if (this.#passing <= room) return;
    for (const [key, entry] of this.#entries) {
      if (!matches(entry.publication)) continue;
      this.#delete(key, entry);
      this.#dropped += 1;
      if (this.#passing <= room) return;
    }
  }
}

function passes({ publication }: OutboxEntry): 0 | 1 {
  return isRetained(publication) ? 0 : 1;
}

/** The newer entry also answers for the number of the one it replaces: the broker has that alert once it has this document. */
function withNumber(newer: OutboxEntry, older: OutboxEntry | undefined): OutboxEntry {
  return newer.number !== undefined || older?.number === undefined ? newer : { ...newer, number: older.number };
}
