import { headerValue, type SipResponse } from '../../../protocol/sip/message.ts';
import type { FailureReason, Outcome } from '../../core/report.ts';

/** What the far end can't process however often it is sent the same: refused as it is. */
const NOT_AS_IT_IS = new Set([400, 406, 413, 414, 415, 416, 420, 424, 425, 488, 493, 513, 606]);
/** Somebody decided against us; that may be put right, so it is tried again. */
const REFUSED = new Set([401, 402, 403, 404, 405, 407, 410, 421, 501, 603, 604]);

/**
 * What a final response to a MESSAGE means.
 *
 * @param unanswered why the challenge of a 401 or 407 could not be answered
 */
export function judgeMessage(response: SipResponse, unanswered?: string): Outcome {
  const { status } = response;
  const alertError = headerValue(response, 'AlertMsg-Error');
  const said = saidBy(response);
  // RFC 8876 §5: with this header the alert was not processed, whatever the status.
  if (status < 300 && alertError !== undefined) return notUnderstood(said);
  if (status === 202) return { type: 'handedOver' };
  if (status < 300) return { type: 'receiverAcknowledged' };
  if (status < 400)
    return failed('refused', `it redirects${elsewhere(response)}: write that as target or host (${said})`);
  if (NOT_AS_IT_IS.has(status)) return notUnderstood(said);
  if (unanswered !== undefined) return failed('refused', `${unanswered} (${said})`);
  if (REFUSED.has(status)) return failed('refused', `it refused the message: ask its operator why (${said})`);
  return failed('protocolError', `it could not take the message now (${said})`);
}

/**
 * What a final response to an OPTIONS means. Whoever answers is there; what it thinks of OPTIONS is no matter. But who asks for a
 * password now will ask for it when there is an alarm.
 */
export function judgePoll(response: SipResponse, unanswered?: string): Outcome {
  const { status } = response;
  if (status === 401 || status === 407) return judgeMessage(response, unanswered);
  if (status < 500 && status !== 408) return { type: 'receiverAcknowledged' };
  return failed('protocolError', `it answers that it can't be reached or does not work (${saidBy(response)})`);
}

/** `detail` is for who reads along: the core knows what to do without it. */
function notUnderstood(detail: string): Outcome {
  const outcome = { type: 'notUnderstood', detail } as const;
  return outcome;
}

function failed(reason: FailureReason, detail: string): Outcome {
  return { type: 'failed', reason, detail };
}

function elsewhere(response: SipResponse): string {
  const contact = headerValue(response, 'Contact');
  return contact === undefined ? '' : ` to ${short(contact)}`;
}

/** "425 Bad Alert Message, AlertMsg-Error 103" */
function saidBy(response: SipResponse): string {
  const codes = ['AlertMsg-Error', 'Geolocation-Error'].flatMap((name) => {
    const value = headerValue(response, name);
    return value === undefined ? [] : [`${name} ${short(value)}`];
  });
  return [`SIP ${response.status} ${short(response.reason)}`, ...codes].join(', ');
}

/** What a stranger wrote, fit for a log. */
function short(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, '?').slice(0, 120);
}
