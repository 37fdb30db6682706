import type { MonoMs } from '../../protocol/clocks.ts';
import type { Publication } from '../../protocol/mqtt-documents.ts';
import { isRetained, topicPlace } from '../../protocol/mqtt-topics.ts';

export interface OutboxEntry {
  readonly publication: Publication;
  /** The core's number. The link reports it when the broker has the publication. */
  readonly number?: number | undefined;
  /** Of an event: monotonic ms at which it happened. */
  readonly atMs?: MonoMs | undefined;
}

/**
 * Publications that wait for the MQTT thread, in order and bounded: a thread that hangs cannot grow
 * the alert path's memory.
 *
 * A new document replaces an older one of the same topic that still waits, because each tells the
 * whole story so far. In a storm, an alert that was raised and sent within a millisecond is
 * published once. Every document that its topic retains may wait: there are no more of them than
 * devices, doors and open alerts. Of the other entries at most `limit` may wait. When they are too
 * many, events are dropped first, because their time has passed; then the oldest entries.
 */
export class Outbox {
  readonly #limit: number;
  #entries = new Map<string, OutboxEntry>();
  /** How many entries will not be retained by their topic. */
  #passing = 0;
  #unique = 0;
  #dropped = 0;

  /** @param limit most entries that their topic does not retain */
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

  /**
   * Puts entries that were taken but never arrived back in front. A state that was replaced
   * meanwhile stays replaced.
   */
  putBack(entries: readonly OutboxEntry[]): void {
    const later = this.#entries;
    this.#entries = new Map();
    this.#passing = 0;
    for (const entry of entries) {
      const key = this.#key(entry.publication);
      const newer = later.get(key);
      if (newer === undefined) this.#set(key, withNumber(entry, this.#entries.get(key)));
      else later.set(key, withNumber(newer, entry));
    }
    for (const [key, entry] of later) this.#set(key, entry);
    this.#fit();
  }

  /**
   * Puts a state in front if nothing else waits for its topic. It is older than every waiting
   * entry, so each topic keeps its order.
   */
  fillIn(states: Iterable<readonly [string, Publication]>): void {
    const missing: OutboxEntry[] = [];
    for (const [place, publication] of states) {
      if (!this.#entries.has(place)) missing.push({ publication });
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

  /**
   * Makes room for a tenth of the entries at once, so that the search through all of them is rare.
   */
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

/**
 * The newer entry also stands for the number of the entry it replaces: the broker has that alert
 * once it has this document.
 */
function withNumber(newer: OutboxEntry, older: OutboxEntry | undefined): OutboxEntry {
  return newer.number !== undefined || older?.number === undefined ? newer : { ...newer, number: older.number };
}
