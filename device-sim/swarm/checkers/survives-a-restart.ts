import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';
import { JournalWatch } from './journal-watch.ts';
import { KeptByJournal } from './kept-by-journal.ts';

/** Promise 1, at a restart: what was durable and is not over is there again, and is published. */
export class SurvivesARestart implements Checker {
  readonly promise = 'what is durable survives a restart';
  readonly #deps: CheckerDeps;
  readonly #journal = new JournalWatch();
  /** Alerts and drills that are not over; by the kind of their document and id. */
  readonly #open = new KeptByJournal<true>();
  readonly #published = new Set<string>();
  #isChecked = true;

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation): void {
    this.#journal.see(observation);
    this.#open.see(observation);
    if (observation.type === 'up') {
      this.#published.clear();
      this.#isChecked = false;
    } else if (observation.type === 'input' && !this.#isChecked && this.#journal.isSure) this.#check();
    else if (observation.type === 'effect') this.#effect(observation.effect);
  }

  #effect(effect: Extract<Observation, { type: 'effect' }>['effect']): void {
    if (effect.type === 'publish') {
      const { kind, document } = effect.publication;
      if (kind === 'alert') this.#published.add(`alert ${document.id}`);
      else if (kind === 'drill') this.#published.add(`drill ${document.scope}`);
    } else if (effect.type === 'journal') {
      const { record } = effect.entry;
      if (record.t === 'alert') this.#open.set(`alert ${record.id}`, true, effect.number);
      else if (record.t === 'settled') this.#open.delete(`alert ${record.report}`, effect.number);
      else if (record.t === 'drill' && record.state === 'running')
        this.#open.set(`drill ${record.scope}`, true, effect.number);
      else if (record.t === 'drill') this.#open.delete(`drill ${record.scope}`, effect.number);
    }
  }

  #check(): void {
    this.#isChecked = true;
    for (const [what] of this.#open.entries())
      if (this.#open.isDurable(what) && !this.#published.has(what))
        this.#deps.broken(this.promise, `${what} was durable before the restart, and is gone`);
  }
}
