import type { Effect } from '../../../gateway/core/effect.ts';
import type { CoreInput } from '../../../gateway/core/input.ts';
import type { AlertDocument } from '../../../protocol/mqtt-documents.ts';
import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';
import { JournalWatch } from './journal-watch.ts';
import { KeptByJournal } from './kept-by-journal.ts';

/** No wall is answered before the number of the start is durable, or for this long. */
const WITHHELD_MS = 2_000;

type Answer = Extract<Effect, { type: 'answer' }>;

/**
 * Promise 1, at the wall: heard and sent are told of what survives a crash, accepted and NOT
 * CONFIRMED when that is so, and a repeated press is answered.
 */
export class WallsShowWhatIsTrue implements Checker {
  readonly promise = 'walls show what is true';
  readonly #deps: CheckerDeps;
  readonly #journal = new JournalWatch();
  readonly #raised = new KeptByJournal<true>();
  /** What walls were told in this run, by alert. */
  readonly #told = new Map<string, Set<string>>();
  /** The documents of alerts in this run. */
  readonly #shown = new Map<string, AlertDocument>();
  /** Alerts that a receiver has, as far as this run has said so. */
  readonly #acknowledged = new Set<string>();
  /** The highest epoch of each device. */
  readonly #epochs = new Map<string, number>();
  /** A repeated press that this input has brought. */
  #repeated: string | undefined;
  #session = 0;
  /** The highest number that frames to walls may have borne. */
  #usedSession = 0;
  #isSurelyLater = false;
  #upMs = 0;

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation, nowMs: number): void {
    if (observation.type === 'input') this.#endOfInput();
    this.#journal.see(observation);
    this.#raised.see(observation);
    if (observation.type === 'up') this.#up(observation.session, nowMs);
    else if (observation.type === 'down') this.#down(nowMs);
    else if (observation.type === 'input') this.#input(observation.input, nowMs);
    else if (observation.type === 'effect') this.#effect(observation.effect, nowMs);
  }

  #up(session: number, nowMs: number): void {
    this.#told.clear();
    this.#shown.clear();
    this.#acknowledged.clear();
    this.#upMs = nowMs;
    this.#isSurelyLater = session > this.#usedSession;
    this.#session = session;
  }

  /** A start that withheld all frames to walls to its end has not used its number. */
  #down(nowMs: number): void {
    this.#repeated = undefined;
    if (!this.#mayWithhold(nowMs)) this.#usedSession = Math.max(this.#usedSession, this.#session);
  }

  #input(input: CoreInput, nowMs: number): void {
    if (input.type === 'durable' && this.#journal.isSure && !this.#isSurelyLater) {
      this.#isSurelyLater = true;
      this.#broken(`session ${this.#session} was used by an earlier start, too`);
    }
    if (input.type !== 'signal' || input.signal.identity === undefined) return;
    const { device, identity, body } = input.signal;
    const { epoch, counter } = identity;
    this.#epochs.set(device, Math.max(epoch, this.#epochs.get(device) ?? 0));
    const id = `${device}.${epoch}.${counter}`;
    const isOpen = this.#shown.get(id)?.closed_by === undefined && this.#shown.has(id);
    const isKnown = isOpen && this.#raised.isDurable(id) && this.#epochs.get(device) === epoch;
    if (body.type === 'press' && isKnown && !this.#mayWithhold(nowMs)) this.#repeated = id;
  }

  #endOfInput(): void {
    if (this.#repeated !== undefined) this.#broken(`the repeat of ${this.#repeated} was not answered`);
    this.#repeated = undefined;
  }

  #effect(effect: Effect, nowMs: number): void {
    if (effect.type === 'journal' && effect.entry.record.t === 'alert')
      this.#raised.set(effect.entry.record.id, true, effect.number);
    else if (effect.type === 'answer') this.#answered(effect, nowMs);
    else if (effect.type === 'publish' && effect.publication.kind === 'alert')
      this.#published(effect.publication.document, nowMs);
  }

  #answered({ device, identity, status }: Answer, nowMs: number): void {
    const id = `${device}.${identity.epoch}.${identity.counter}`;
    if (this.#repeated === id) this.#repeated = undefined;
    if (this.#mayWithhold(nowMs))
      this.#broken(`the wall of ${id} was answered before the number of this start was durable`);
    if (identity.generation !== undefined) return;
    this.#told.set(id, (this.#told.get(id) ?? new Set()).add(status));
    const isSafe = status === 'accepted' || status === 'notConfirmed' || !this.#raised.has(id);
    if (!isSafe && !this.#raised.isDurable(id))
      this.#broken(`the wall of ${id} was told ${status}, and its record is not durable`);
    if (status === 'notConfirmed' && this.#acknowledged.has(id))
      this.#broken(`the wall of ${id} was told NOT CONFIRMED, and a receiver has it`);
  }

  /** Its wall is told in the same step. */
  #published(document: AlertDocument, nowMs: number): void {
    const { id, device } = document;
    const before = this.#shown.get(id);
    this.#shown.set(id, document);
    if (document.state === 'acknowledged') this.#acknowledged.add(id);
    if (before === undefined || this.#mayWithhold(nowMs) || /\.k\d/.test(id)) return;
    if (this.#deps.ledger.site?.devices.get(device) === undefined || !this.#raised.has(id)) return;
    const hasNow = (is: (one: AlertDocument) => boolean) => is(document) && !is(before);
    const owed = hasNow(({ state }) => state === 'acknowledged')
      ? 'accepted'
      : hasNow(({ not_confirmed }) => not_confirmed)
        ? 'notConfirmed'
        : undefined;
    if (owed !== undefined && this.#told.get(id)?.has(owed) !== true)
      this.#broken(`the wall of ${id} was not told ${owed}`);
  }

  #mayWithhold(nowMs: number): boolean {
    return !this.#journal.hasWritten && nowMs < this.#upMs + WITHHELD_MS;
  }

  #broken(what: string): void {
    this.#deps.broken(this.promise, what);
  }
}
