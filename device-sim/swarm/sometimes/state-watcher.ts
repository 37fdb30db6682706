import type { Ledger } from '../checkers/ledger.ts';
import type { Observation } from '../observation.ts';
import type { StateName } from './states.ts';

/** Sees every observation after the ledger, and says which interesting states it shows. */
export type StateWatcher = (observation: Observation, nowMs: number) => void;

export interface WatcherDeps {
  readonly ledger: Ledger;
  readonly reached: (state: StateName) => void;
}
