import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';

/**
 * Promise 1. Safety: a wall that shows accepted has a desk that displays the alert. Liveness: once
 * all is well, each press that a gateway heard, or whose node still has it, is displayed.
 */
export class NoPressIsLost implements Checker {
  readonly promise = 'no press is lost';
  readonly #deps: CheckerDeps;
  /** What the walls were told, by alert. */
  readonly #told = new Map<string, Set<string>>();

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation): void {
    if (observation.type !== 'wall') return;
    const { alert, status, device } = observation;
    if (this.#deps.ledger.unnumbered.has(device)) return;
    const told = this.#told.get(alert) ?? new Set();
    this.#told.set(alert, told.add(status));
    // A plan may be content with a pager.
    if (status === 'accepted' && !this.#deps.ledger.isDisplayed(alert))
      this.#broken(`the wall was told that ${alert} is accepted, but no receiver displays it`);
  }

  end(): void {
    const { ledger } = this.#deps;
    for (const { alert, device, gone, heardMs } of ledger.presses.values()) {
      if (ledger.isDisplayed(alert) || ledger.unnumbered.has(device)) continue;
      const told = this.#told.get(alert);
      if (gone !== undefined && told === undefined) continue;
      const state = ledger.alerts.get(alert)?.document.state;
      // A reload has taken the device away.
      if (ledger.site?.devices.has(device) !== true) continue;
      // An operator closed it before it reached anybody.
      if (state === 'cancelled' || state === 'resolved') continue;
      const history = `heard by the gateway: ${heardMs === undefined ? 'never' : `at ${heardMs} ms`}, told to the wall: ${[...(told ?? [])].join(' ') || 'nothing'}`;
      this.#broken(`no receiver ever displayed ${alert} (${history}${gone === undefined ? '' : `, ${gone}`})`);
    }
  }

  #broken(what: string): void {
    this.#deps.broken(this.promise, what);
  }
}
