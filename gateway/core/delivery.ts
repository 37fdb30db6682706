import type { Report } from './report.ts';

/** One report on its way over one path. */
export interface Delivery {
  readonly report: Report;
  /** Order of submission, over all paths. */
  readonly order: number;
  readonly sequence: number;
  state: 'queued' | 'sending' | 'waiting' | 'acknowledged' | 'handedOver' | 'refused' | 'withdrawn';
  attempts: number;
  /** Attempts in a row that ended without an answer. */
  failures: number;
  /** Refusals of our time stamp in a row. */
  wrongTimes: number;
  format: number;
}

/** A supervision poll: a NULL message, or a periodic test event where the receiver refuses NULL. */
export interface Probe {
  readonly sequence: number;
  readonly report?: Report;
}
