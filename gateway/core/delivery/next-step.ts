import type { Outcome } from '../report.ts';
import { failedEnd } from './attempt-end.ts';
import { type Delivery, type FailedEnd, isAlarm } from './delivery.ts';
import type { NakMeaning } from './receiver-clock.ts';

/** What follows an attempt that was not accepted. */
type NextStep =
  /** At once, as it was, with the corrected time. */
  | { readonly type: 'again' }
  /** At once, in the next format. */
  | { readonly type: 'nextFormat' }
  /** Later; `startOver`: with the first format again. */
  | { readonly type: 'wait'; readonly end: FailedEnd; readonly startOver: boolean }
  /** Never. Not for an alarm. */
  | { readonly type: 'giveUp' };

/**
 * After this many corrections of the time in a row, the time is not the cause, or it can't be
 * corrected.
 */
const CORRECTIONS_MAX = 2;

/**
 * DC-09: a DUH means that the receiver can't process the content, so the path tries another format.
 * A NAK means that the time stamp is outside the receiver's window (§5.5.1.9), so the same number
 * goes again at once with a new stamp. But some receivers also answer NAK to a format or an account
 * that they don't know. So where the times agree, the path tries the next format too.
 *
 * The gateway never gives up an alarm, whatever the far end answers: a refusal only lengthens the
 * wait.
 */
export function nextStep(delivery: Delivery, outcome: Outcome, nak: NakMeaning | undefined, formats: number): NextStep {
  if (outcome.type === 'failed') return { type: 'wait', end: failedEnd(outcome), startOver: false };
  if (outcome.type !== 'wrongTime' && outcome.type !== 'notUnderstood') {
    return { type: 'wait', end: 'refused', startOver: false };
  }
  if (nak === 'corrected' && delivery.naks <= CORRECTIONS_MAX) return { type: 'again' };
  if (delivery.format + 1 < formats) return { type: 'nextFormat' };
  // A NAK to one of the formats does not concern the content: a receiver that learns the account
  // accepts the same report.
  if (delivery.naks > 0) return { type: 'wait', end: 'refused', startOver: true };
  return isAlarm(delivery) ? { type: 'wait', end: 'content', startOver: true } : { type: 'giveUp' };
}
