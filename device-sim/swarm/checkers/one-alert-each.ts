import type { Effect } from '../../../gateway/core/effect.ts';
import type { CoreInput } from '../../../gateway/core/input.ts';
import type { AlertRaised, JournalRecord } from '../../../gateway/core/journal-record.ts';
import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';
import { JournalWatch } from './journal-watch.ts';
import { KeptByJournal } from './kept-by-journal.ts';

/** Numbers of so many starts are compared: after that they may come round again. */
const STARTS = 3;

interface Used {
  readonly report: string;
  readonly start: number;
}

/**
 * Promise 5: a press raises one alert, which says what was pressed, and a receiver can tell its
 * repeats by their number.
 */
export class OneAlertEach implements Checker {
  readonly promise = 'one alert for each press';
  readonly #deps: CheckerDeps;
  readonly #journal = new JournalWatch();
  readonly #raised = new KeptByJournal<true>();
  /** Reports whose numbers are durable. */
  readonly #numbered = new KeptByJournal<true>();
  /** By path and report. */
  readonly #numbers = new Map<string, number>();
  /** By path and number. */
  readonly #used = new Map<string, Used>();
  /** Devices that number their messages, and were heard before the message that is handled now. */
  readonly #heard = new Set<string>();
  #hearing: string | undefined;
  /** Tags that an operator lets begin anew, and until when: that message is no recording. */
  readonly #enrolling = new Map<string, number>();
  #isVouched = false;
  #starts = 0;

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation, nowMs: number): void {
    this.#journal.see(observation);
    this.#raised.see(observation);
    this.#numbered.see(observation);
    if (observation.type === 'down') {
      this.#forgetUndurable();
      this.#enrolling.clear();
    } else if (observation.type === 'up') this.#starts += 1;
    else if (observation.type === 'effect') this.#effect(observation.effect);
    else if (observation.type === 'input') this.#input(observation.input, nowMs);
  }

  #input(input: CoreInput, nowMs: number): void {
    if (input.type === 'command' && input.command.command === 'enrol') {
      const { device, minutes } = input.command;
      const isTag = this.#deps.ledger.site?.devices.get(device)?.counterOnly === true;
      if (isTag) this.#enrolling.set(device, nowMs + minutes * 60_000);
    } else if (input.type === 'signal') {
      if (this.#hearing !== undefined) this.#heard.add(this.#hearing);
      const { device, identity } = input.signal;
      this.#hearing = identity === undefined ? undefined : device;
      this.#isVouched = nowMs <= (this.#enrolling.get(device) ?? Number.NEGATIVE_INFINITY);
    }
  }

  #effect(effect: Effect): void {
    if (effect.type === 'journal') this.#journalled(effect.entry.record, effect.number);
    else if (effect.type === 'send') this.#sent(effect);
  }

  #journalled(record: JournalRecord, number: number): void {
    if (record.t === 'report') this.#numbered.set(record.report.id, true, number);
    if (record.t !== 'alert') return;
    this.#numbered.set(record.id, true, number);
    const isOfAnother = this.#deps.ledger.unnumbered.has(record.device);
    if (this.#raised.has(record.id) && this.#journal.isSure && !isOfAnother)
      this.#broken(`${record.id} was raised a second time`);
    this.#raised.set(record.id, true, number);
    this.#checkContent(record);
  }

  #checkContent({ id, device: from, button: place, pattern, kind, authenticated, report }: AlertRaised): void {
    const device = this.#deps.ledger.site?.devices.get(from);
    const button = device?.buttons.get(place);
    if (device === undefined || button === undefined) return;
    if (authenticated && this.#hearing === from && !this.#heard.has(from) && !this.#isVouched)
      this.#broken(`${id} is authenticated, and its device was never heard before`);
    const meant = button.patternKinds?.get(pattern) ?? button.kind;
    if (kind !== meant) this.#broken(`${id} is of kind ${kind}, and ${pattern} of ${button.id} means ${meant}`);
    if (report.zone !== button.zone) this.#broken(`${id} has zone ${report.zone}, and its button ${button.zone}`);
    if (!report.text.includes(device.location.text)) this.#broken(`${id} does not say where it is: ${report.text}`);
    const isMarked = report.text.includes('(unauthenticated)');
    const mayBeMarked = device.marksUnauthenticated ?? device.keyFingerprint !== undefined;
    if (isMarked !== (!authenticated && mayBeMarked))
      this.#broken(`${id} is ${authenticated ? '' : 'not '}authenticated, and its text says otherwise: ${report.text}`);
  }

  #sent({ attempt: { path, report, sequence } }: Extract<Effect, { type: 'send' }>): void {
    if (report === undefined || sequence === 0) return;
    const isSure = this.#journal.isSure && !this.#deps.ledger.isRaisedBlind(report.id);
    const before = this.#numbers.get(`${path} ${report.id}`);
    if (before !== undefined && before !== sequence && isSure)
      this.#broken(`${report.id} has number ${sequence} on ${path}, and had ${before}`);
    this.#numbers.set(`${path} ${report.id}`, sequence);
    const key = `${path} ${sequence}`;
    const used = this.#used.get(key);
    const isReused = used !== undefined && used.report !== report.id && this.#starts - used.start < STARTS;
    if (isReused && isSure) this.#broken(`number ${sequence} on ${path} is of ${report.id}, and was of ${used.report}`);
    this.#used.set(key, { report: report.id, start: this.#starts });
  }

  /** What was not durable may be made anew, with other numbers. */
  #forgetUndurable(): void {
    for (const key of this.#numbers.keys()) {
      const [, report = ''] = key.split(' ');
      if (!this.#numbered.has(report)) this.#numbers.delete(key);
    }
  }

  #broken(what: string): void {
    this.#deps.broken(this.promise, what);
  }
}
