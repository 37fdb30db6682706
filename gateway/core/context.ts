import type { WallMs } from '../../protocol/clocks.ts';
import type { Publication } from '../../protocol/mqtt-documents.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import { type Effect, isUrgent, type LogEffect } from './effect.ts';
import type { JournalEntry, JournalRecord } from './journal-record.ts';
import type { Site } from './site.ts';
import type { Now } from './time.ts';
import { Timers } from './timers.ts';

/**
 * What every part of the core works on: the site, the time of the present input, the timers, and
 * the effects it causes.
 */
export class Context {
  /** Replaced by a reload only. */
  site: Site;
  readonly session: number;
  readonly timers = new Timers();
  now: Now;
  /** What local time is ahead of UTC at this moment: by the machine's time zone. */
  readonly localOffsetMs: (wallMs: WallMs) => number;
  /**
   * The gateway answers no wall before the number of this start is durable. A start that left no
   * trace would be followed by one with the same number, and two frames would share a nonce
   * (hardware/button-bus.md §6). A node repeats until it is answered, and a driver's own polls wait
   * too. Where the journal does not answer, two seconds of the wall clock make the next number a
   * different one. Where the clock is behind the last number they do not: two such starts in a row
   * have one number.
   */
  withholdsAnswers = true;
  #urgent: Effect[] = [];
  #others: Effect[] = [];
  #attempt = 0;
  #record = 0;
  #publication = 0;
  readonly #counts = new Map<string, number>();

  constructor(site: Site, session: number, now: Now, localOffsetMs: (wallMs: WallMs) => number = () => 0) {
    this.site = site;
    this.session = session;
    this.now = now;
    this.localOffsetMs = localOffsetMs;
  }

  emit(effect: Effect): void {
    if (this.withholdsAnswers && (effect.type === 'answer' || effect.type === 'silence')) return;
    if (isUrgent(effect)) this.#urgent.push(effect);
    else this.#others.push(effect);
  }

  /** The number of the newest record; 0: there is none. */
  get lastRecord(): number {
    return this.#record;
  }

  /** Returns the record's number. A `durable` input will name it. */
  journal(record: JournalRecord, keys: Omit<JournalEntry, 'record'> = {}): number {
    this.#record += 1;
    this.emit({ type: 'journal', number: this.#record, entry: { record, ...keys } });
    return this.#record;
  }

  publish(publication: Publication): void {
    this.emit({ type: 'publish', publication });
  }

  /** As `publish`, but a `published` input will name the returned number. */
  publishTracked(publication: Publication): number {
    this.#publication += 1;
    this.emit({ type: 'publish', publication, number: this.#publication });
    return this.#publication;
  }

  log(level: LogEffect['level'], event: string, fields: LogEffect['fields']): void {
    this.emit({ type: 'log', level, event, fields });
  }

  nextAttempt(): number {
    this.#attempt += 1;
    return this.#attempt;
  }

  /** Counts from 1 for each of what is counted. A part that a reload begins anew counts on. */
  count(what: string): number {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    return count;
  }

  iso(): string {
    return isoTime(this.now.wallMs);
  }

  takeEffects(): Effect[] {
    const effects = this.#urgent;
    for (const effect of this.#others) effects.push(effect);
    this.#urgent = [];
    this.#others = [];
    return effects;
  }
}
