import type { Effect } from '../../../gateway/core/effect.ts';
import type { CoreInput } from '../../../gateway/core/input.ts';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import type { Report } from '../../../gateway/core/report.ts';
import type { AlertDocument } from '../../../protocol/mqtt-documents.ts';
import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';
import { JournalWatch } from './journal-watch.ts';
import { KeptByJournal } from './kept-by-journal.ts';

/** The gateway resolves an alert this long after its time at the latest, once all is well. */
const SLACK_MS = 60_000;

/**
 * The end of an alert: never before its alarm, only one, on every desk that has the alarm, and by
 * itself where nobody else ends it. An alarm goes on until a receiver has it, closed or not.
 */
export class EndFollowsAlarm implements Checker {
  readonly promise = 'each alert has one end, after its alarm, at every desk';
  readonly #deps: CheckerDeps;
  readonly #journal = new JournalWatch();
  /** Alerts that no crash has lost: a wire that numbers nothing does not repeat what was lost. */
  readonly #raised = new KeptByJournal<true>();
  readonly #closed = new KeptByJournal<true>();
  /** Reports of an end, by alert. */
  readonly #ends = new KeptByJournal<true>();
  /** Attempts whose records tell the next start where the alarm may be; by path and report. */
  readonly #attempted = new KeptByJournal<true>();
  readonly #flights = new Map<number, { readonly path: string; readonly report: Report }>();
  /** Path and report: the far end can't process it. */
  readonly #refused = new Set<string>();
  readonly #refusedAnywhere = new Set<string>();
  /** When the document of an alert, in this run, first said that it is acknowledged. */
  readonly #acknowledgedMs = new Map<string, number>();

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation, nowMs: number): void {
    for (const each of [this.#journal, this.#raised, this.#closed, this.#ends, this.#attempted]) each.see(observation);
    if (observation.type === 'up' || observation.type === 'down') {
      this.#flights.clear();
      this.#acknowledgedMs.clear();
    } else if (observation.type === 'input') this.#input(observation.input);
    else if (observation.type === 'effect') this.#effect(observation.effect, nowMs);
  }

  end(nowMs: number): void {
    const { ledger } = this.#deps;
    for (const { document } of ledger.alerts.values()) {
      if (document.state === 'cancelled' || document.state === 'resolved') this.#checkEnded(document);
      const autoResolveMs = ledger.site?.deadlines.autoResolveMs ?? Number.POSITIVE_INFINITY;
      const sinceMs = this.#acknowledgedMs.get(document.id) ?? nowMs;
      if (document.state === 'acknowledged' && nowMs - sinceMs > autoResolveMs + SLACK_MS)
        this.#broken(
          `${document.id} was acknowledged ${Math.round((nowMs - sinceMs) / 1000)} s ago, and is still open`,
        );
    }
  }

  #input(input: CoreInput): void {
    if (input.type !== 'outcome') return;
    const flight = this.#flights.get(input.attempt);
    this.#flights.delete(input.attempt);
    if (flight === undefined || input.outcome.type !== 'notUnderstood') return;
    this.#refused.add(`${flight.path} ${flight.report.id}`);
    this.#refusedAnywhere.add(flight.report.id);
  }

  #effect(effect: Effect, nowMs: number): void {
    if (effect.type === 'abandon') this.#flights.delete(effect.attempt);
    else if (effect.type === 'journal') this.#journalled(effect.entry.record, effect.number);
    else if (effect.type === 'publish' && effect.publication.kind === 'alert')
      this.#published(effect.publication.document, nowMs);
    else if (effect.type === 'send') {
      const { attempt, path, report } = effect.attempt;
      if (report === undefined) return;
      if (isEnd(report)) this.#endSent(report, path);
      this.#flights.set(attempt, { path, report });
    }
  }

  #journalled(record: JournalRecord, number: number): void {
    if (record.t === 'attempt') this.#attempted.set(`${record.path} ${record.report}`, true, number);
    else if (record.t === 'report' && isEnd(record.report)) this.#ends.set(record.report.follows ?? '', true, number);
    else if (record.t === 'alert') this.#raised.set(record.id, true, number);
    else if (record.t === 'closed') {
      const isOfKnown = this.#journal.isSure && !this.#deps.ledger.isRaisedBlind(record.alert);
      if (this.#closed.has(record.alert) && isOfKnown) this.#broken(`${record.alert} was ended twice`);
      this.#closed.set(record.alert, true, number);
    }
  }

  #published({ id, state }: AlertDocument, nowMs: number): void {
    if (state === 'acknowledged' && !this.#acknowledgedMs.has(id)) this.#acknowledgedMs.set(id, nowMs);
    // The crash has not lost it after all, or its node has repeated it.
    if (!this.#raised.has(id)) this.#raised.set(id, true, 0);
    const isOver = state === 'cancelled' || state === 'resolved';
    const isKnown = !this.#deps.ledger.isRaisedBlind(id);
    if (!isOver && isKnown && this.#ends.isDurable(id)) this.#broken(`${id} has ended, and is ${state} again`);
  }

  #endSent({ id, follows = '' }: Report, path: string): void {
    for (const flight of this.#flights.values())
      if (flight.path === path && flight.report.id === follows)
        this.#broken(`${id} was sent on ${path} while its alarm is under way there`);
    const { ledger } = this.#deps;
    if (!ledger.isDisplayed(follows) && !this.#refusedAnywhere.has(follows))
      this.#broken(`${id} was sent on ${path}, and no receiver has its alarm`);
  }

  #checkEnded({ id, mode, state, device }: AlertDocument): void {
    const { ledger } = this.#deps;
    if (mode === 'test' || ledger.unnumbered.has(device)) return;
    const displays = ledger.displays.get(id);
    const isOwed = ledger.reports.has(id) && this.#raised.has(id) && !this.#refusedAnywhere.has(id);
    if (displays === undefined && isOwed) this.#broken(`${id} is ${state}, and no receiver was ever told of it`);
    const end = `${id}.${state === 'resolved' ? 'restore' : 'cancel'}`;
    for (const path of displays?.keys() ?? []) {
      if (ledger.site?.paths.some((each) => each.id === path) !== true) continue;
      if (!this.#attempted.isDurable(`${path} ${id}`)) continue;
      const isRefused = this.#refused.has(`${path} ${id}`) || this.#refused.has(`${path} ${end}`);
      if (!isRefused && ledger.displays.get(end)?.has(path) !== true)
        this.#broken(`${path} displays ${id}, and was never told that it is ${state}`);
    }
  }

  #broken(what: string): void {
    this.#deps.broken(this.promise, what);
  }
}

function isEnd({ class: reportClass, follows }: Report): boolean {
  return follows !== undefined && (reportClass === 'cancel' || reportClass === 'restore');
}
