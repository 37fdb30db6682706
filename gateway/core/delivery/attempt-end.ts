import type { Outcome } from '../report.ts';
import type { FailedEnd } from './delivery.ts';

type Failed = Extract<Outcome, { type: 'failed' }>;

export const TIMED_OUT: Failed = { type: 'failed', reason: 'unreachable', detail: 'no answer in time' };
export const GAVE_WAY: Failed = { type: 'failed', reason: 'closed', detail: 'gave way to an alarm' };

/** Honoured up to this, for an alarm that nobody has acknowledged. */
const RETRY_AFTER_ALARM_MS_MAX = 300_000;
const RETRY_AFTER_OTHER_MS_MAX = 3_600_000;

/** How far it came. */
export function failedEnd(outcome: Failed): FailedEnd {
  switch (outcome.reason) {
    case 'refused':
    case 'protocolError':
      return 'refused';
    case 'unreachable':
    case 'noAddress':
      // A far end that hangs may have the report, and may hang because of it.
      return outcome === TIMED_OUT ? 'unanswered' : 'unreached';
    case 'closed':
      return 'unanswered';
  }
}

/**
 * How long the far end asks for no attempt (HTTP and SIP Retry-After), bounded; 0: it does not ask. A far end that asks for a day must
 * not silence an alarm for a day.
 */
export function askedWaitMs({ retryAfterMs = 0 }: Failed, isAlarm: boolean): number {
  return Math.max(0, Math.min(retryAfterMs, isAlarm ? RETRY_AFTER_ALARM_MS_MAX : RETRY_AFTER_OTHER_MS_MAX));
}
