import type { Outcome } from '../report.ts';
import type { FailedEnd } from './delivery.ts';

export type Failed = Extract<Outcome, { type: 'failed' }>;

export const TIMED_OUT: Failed = { type: 'failed', reason: 'unreachable', detail: 'no answer in time' };
export const GAVE_WAY: Failed = { type: 'failed', reason: 'closed', detail: 'gave way to an alarm' };

/** A far end that asks for a day must not stop an alarm for a day. */
export const RETRY_AFTER_MS_MAX = 300_000;

/** How far it came. */
export function failedEnd(outcome: Failed): FailedEnd {
  switch (outcome.reason) {
    case 'refused':
    case 'protocolError':
      return 'refused';
    case 'unreachable':
    case 'noAddress':
      // A far end that hangs may have the report, and the report may be why it hangs.
      return outcome === TIMED_OUT ? 'unanswered' : 'unreached';
    case 'closed':
      return 'unanswered';
  }
}

/** How long the far end asks us to wait (HTTP and SIP Retry-After), bounded; 0: it does not ask. */
export function askedWaitMs({ retryAfterMs = 0 }: Failed): number {
  return Math.max(0, Math.min(retryAfterMs, RETRY_AFTER_MS_MAX));
}
