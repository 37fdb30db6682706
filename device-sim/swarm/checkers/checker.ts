import type { Observer } from '../observation.ts';
import type { Ledger } from './ledger.ts';

/** One promise, checked while a life is lived. */
export interface Checker extends Observer {
  /** As README.md and the design name it. */
  readonly promise: string;
  /** The life is over, and all was well for a long time. */
  end?(nowMs: number): void;
}

export interface CheckerDeps {
  readonly ledger: Ledger;
  /** The promise was broken: what was seen. */
  readonly broken: (promise: string, what: string) => void;
}
