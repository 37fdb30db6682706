import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';

/** Promise 4: what nobody pressed raises no alert, whatever comes over the wire. */
export class NoAlertWithoutAPress implements Checker {
  readonly promise = 'no alert without a press';
  readonly #deps: CheckerDeps;

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation): void {
    if (observation.type !== 'effect' || observation.effect.type !== 'send') return;
    const { report, path } = observation.effect.attempt;
    if (report?.class !== 'alarm' || report.exercise === 'test' || report.id.startsWith('digest.')) return;
    if (!this.#deps.ledger.presses.has(report.id))
      this.#deps.broken(this.promise, `${report.id} was sent on ${path}, but nobody pressed`);
  }
}
