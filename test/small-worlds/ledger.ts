import type { Effect, LogEffect } from '../../gateway/core/effect.ts';
import type { JournalRecord } from '../../gateway/core/journal-record.ts';
import type { Attempt } from '../../gateway/core/report.ts';
import type { Site } from '../../gateway/core/site.ts';
import type { Now } from '../../gateway/core/time.ts';
import type { AlertDocument, Publication } from '../../protocol/mqtt-documents.ts';

/** The service manager would restart the gateway. */
const DEFECTS: ReadonlySet<string> = new Set(['alarm.stranded', 'internalPress.notHandled']);
/** A start continues plans from its own time. */
const RESTART_TOLERANCE_MS = 100;

class BrokenPromise extends Error {}

/** What walls were told, what receivers show, and what was sent: each promise is checked here. */
export class Ledger {
  readonly #ids: string[] = [];
  readonly #told = new Map<string, Set<string>>();
  /** Report ids by path. */
  readonly #displayed = new Map<string, Set<string>>();
  /** `path report` to its sequence number, and the other way round. */
  readonly #sequences = new Map<string, number>();
  readonly #reports = new Map<string, string>();
  readonly #attempted = new Set<string>();
  readonly #alerts = new Map<string, AlertDocument>();
  /** Reports whose record a crash took. */
  readonly #lost = new Set<string>();
  #crashes = 0;
  #startedMs = 0;
  #trace: string[] = [];

  get trace(): readonly string[] {
    return this.#trace;
  }

  forgetTrace(): void {
    this.#trace = [];
  }

  chose(choice: string): void {
    this.#trace.push(choice);
  }

  /** What a state must hold of this: the rest follows from it, or decides nothing. */
  state(): unknown {
    const alerts = [...this.#alerts.values()].map(({ id, state, not_confirmed }) => [id, state, not_confirmed]);
    const accepted = this.#ids.map((_, at) => this.isAnswered(at));
    return [accepted, alerts, this.#displayed, this.#sequences, this.#attempted, this.#lost];
  }

  pressed(at: number, id: string): void {
    this.#ids[at] = id;
  }

  isAnswered(at: number): boolean {
    const told = this.#told.get(this.#ids[at] ?? '');
    return told?.has('accepted') === true;
  }

  firstOpen(): string | undefined {
    return this.#ids.find((id) => {
      const state = this.#alerts.get(id)?.state;
      return state !== undefined && state !== 'cancelled' && state !== 'resolved';
    });
  }

  lost(record: JournalRecord): void {
    if (record.t === 'alert') this.#lost.add(record.id);
    if (record.t === 'report') this.#lost.add(record.report.id);
  }

  crashed(): void {
    this.#crashes += 1;
    this.#startedMs = Number.NaN;
    // What was published of an alert that no record holds is gone; the node brings it back.
    for (const id of this.#lost) this.#alerts.delete(id);
  }

  sent({ path, sequence, report }: Attempt): void {
    if (report === undefined) return;
    const name = `${path} ${report.id}`;
    const number = `${path} ${sequence}`;
    const before = this.#sequences.get(name);
    if (before !== undefined && before !== sequence && !this.#lost.has(report.id)) {
      this.#broken(`${name} is sent with the sequence numbers ${before} and ${sequence}`);
    }
    const other = this.#reports.get(number);
    if (other !== undefined && other !== report.id) this.#broken(`${number} names ${other} and ${report.id}`);
    // The end of a trouble goes wherever its plan leads. That of an alert does not.
    const { alert, follows } = report;
    if (alert !== undefined && follows !== undefined && !this.#attempted.has(`${path} ${follows}`)) {
      this.#broken(`${path} is to hear of ${report.id}, and was never sent ${follows}`);
    }
    this.#sequences.set(name, sequence);
    this.#reports.set(number, report.id);
    this.#attempted.add(name);
  }

  displayed({ path, report }: Attempt): void {
    if (report === undefined) return;
    const alert = report.alert?.id;
    if (alert !== undefined && !this.#ids.includes(alert)) this.#broken(`${path} shows ${report.id}: nobody pressed`);
    const shown = this.#displayed.get(path) ?? new Set();
    this.#displayed.set(path, shown.add(report.id));
  }

  answered(
    { device, identity, status }: Extract<Effect, { type: 'answer' }>,
    isDurable: (id: string) => boolean,
  ): void {
    const id = `${device}.${identity.epoch}.${identity.counter}`;
    const isShown = this.#isDisplayed(id);
    if (status === 'accepted' && !isShown) this.#broken(`the wall is told that ${id} is accepted: no receiver has it`);
    if (status !== 'notConfirmed' && !isShown && !isDurable(id)) {
      this.#broken(`the wall is told "${status}" of ${id}: a crash now would lose it`);
    }
    this.#told.set(id, (this.#told.get(id) ?? new Set()).add(status));
  }

  published({ kind, document }: Publication): void {
    if (kind === 'alert') this.#alerts.set(document.id, document);
  }

  logged({ event, fields }: LogEffect): void {
    if (DEFECTS.has(event)) this.#broken(`${event} ${JSON.stringify(fields)}`);
  }

  /** @param busy paths that have no attempt to spare */
  checkDeadlines({ monoMs, wallMs }: Now, site: Site, busy: ReadonlySet<string>): void {
    if (Number.isNaN(this.#startedMs)) this.#startedMs = monoMs;
    const slackMs = this.#crashes > 0 ? RESTART_TOLERANCE_MS : 0;
    for (const { id, state, raised_at, not_confirmed } of this.#alerts.values()) {
      if (state !== 'raised' && state !== 'sent') continue;
      const ageMs = wallMs - Date.parse(raised_at);
      if (!not_confirmed && ageMs > site.deadlines.notConfirmedMs + slackMs) {
        this.#broken(`${id} is not confirmed after ${ageMs} ms, and nobody is told`);
      }
      const sinceStartMs = Math.min(ageMs, monoMs - this.#startedMs);
      for (const { path, afterMs } of site.plan.steps) {
        if (sinceStartMs > afterMs && !busy.has(path) && !this.#attempted.has(`${path} ${id}`)) {
          this.#broken(`${id} is ${ageMs} ms old, and ${path} was not tried`);
        }
      }
    }
  }

  /** Once all has been well for long enough, nothing is open. */
  checkSettled(): void {
    for (const id of this.#ids) {
      const state = this.#alerts.get(id)?.state;
      if (state === 'cancelled') this.#checkCancelled(id);
      else if (!this.#isDisplayed(id)) this.#broken(`${id} was pressed, and no receiver ever shows it`);
      else if (this.#told.get(id)?.has('accepted') !== true)
        this.#broken(`the wall never learns that ${id} is accepted`);
    }
  }

  /** A desk that shows an alarm must learn that it was cancelled. */
  #checkCancelled(id: string): void {
    for (const [path, shown] of this.#displayed) {
      const cancels = [...shown].filter((report) => report !== id && report.startsWith(`${id}.`));
      if (shown.has(id) && cancels.length === 0) this.#broken(`${path} shows ${id} for ever: it was cancelled`);
    }
  }

  #isDisplayed(id: string): boolean {
    return [...this.#displayed.values()].some((shown) => shown.has(id));
  }

  #broken(what: string): never {
    throw new BrokenPromise(`${what}\n  ${this.#trace.join('\n  ')}`);
  }
}
