import type { MonoMs } from '../../protocol/clocks.ts';
import type { Attempt, Outcome } from '../core/report.ts';
import type { WireTap } from '../recording/wire-tap.ts';

/**
 * Receives the results of a path driver's attempts. Called from the driver's own events; must not
 * throw.
 */
export interface PathSink {
  /** First byte handed to the network. `atMs`: monotonic ms. At most once an attempt. */
  sent(path: string, attempt: number, atMs: MonoMs): void;
  /** At most once an attempt. Never called synchronously from within `send`. */
  outcome(path: string, attempt: number, outcome: Outcome): void;
  /**
   * The line that the driver keeps open (a port, a standing connection) has come or gone; once for
   * each change.
   */
  link?(path: string, up: boolean): void;
  /** Where the driver shows what passes on its link. */
  readonly tap?: WireTap;
}

/** One outbound link. Decides nothing about retries, time-outs or order: the core does. */
export interface PathDriver {
  readonly id: string;
  /** Resolves addresses, and opens what is kept open. Never throws. */
  start(): void;
  /** Closes every connection; no outcome is reported afterwards. */
  stop(): Promise<void>;
  send(attempt: Attempt): void;
  /** The core waits no longer: drop the attempt's connection. */
  abandon(attempt: number): void;
}
