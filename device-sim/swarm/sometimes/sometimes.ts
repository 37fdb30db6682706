import type { Ledger } from '../checkers/ledger.ts';
import type { Observation, Observer } from '../observation.ts';
import { alertStates } from './alert-states.ts';
import { deliveryStates } from './delivery-states.ts';
import { deviceStates } from './device-states.ts';
import { machineStates } from './machine-states.ts';
import type { StateWatcher, WatcherDeps } from './state-watcher.ts';
import { STATES, type StateName } from './states.ts';

/** How often each interesting state was reached in a life. */
export class Sometimes implements Observer {
  readonly counts = new Map<StateName, number>();
  readonly #watchers: readonly StateWatcher[];

  constructor(ledger: Ledger) {
    const reached = (state: StateName) => this.counts.set(state, (this.counts.get(state) ?? 0) + 1);
    const deps: WatcherDeps = { ledger, reached };
    this.#watchers = [alertStates(deps), deliveryStates(deps), deviceStates(deps), machineStates(deps)];
  }

  see(observation: Observation, nowMs: number): void {
    for (const watcher of this.#watchers) watcher(observation, nowMs);
  }
}

/** States that none of the lives has reached. */
export function neverReached(counts: ReadonlyMap<string, number>): StateName[] {
  return STATES.filter((state) => !counts.has(state));
}
