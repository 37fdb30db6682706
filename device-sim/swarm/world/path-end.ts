import type { Attempt, Outcome } from '../../../gateway/core/report.ts';
import type { MonoMs } from '../../../protocol/clocks.ts';

/** What a path reports to the gateway that runs. Dropped where that gateway has ended. */
export interface PathReports {
  sent(attempt: number, atMs: MonoMs): void;
  outcome(attempt: number, outcome: Outcome): void;
  link(up: boolean): void;
}

/** The way from the gateway's driver to a far end and back, and the far end itself. */
export interface PathEnd {
  readonly id: string;
  /** The gateway has started; its reports go there from now on. */
  start(reports: PathReports): void;
  /** The gateway has ended, or the driver: nothing is under way any more. */
  stop(): void;
  send(attempt: Attempt): void;
  abandon(attempt: number): void;
  /** How it treats messages from now on. */
  behave(mood: string): void;
  /** The network to it is away. */
  cutOff(isCut: boolean): void;
  /** It forgets what it has displayed. */
  forget(): void;
}
