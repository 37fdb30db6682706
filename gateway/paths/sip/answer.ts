import { headerValue, type SipResponse } from '../../../protocol/sip/message.ts';
import type { FailureReason, Outcome } from '../../core/report.ts';

/** It can't process the message. A shorter or plainer form may work (`formats`). */
const ANOTHER_FORM = new Set([400, 413, 424, 425, 513]);
/** The far end refused us. The other reasons concern the way there, or this moment. */
const REFUSED = new Set([
  401, 402, 403, 404, 405, 406, 407, 410, 414, 415, 416, 420, 421, 488, 489, 493, 494, 501, 603, 604, 606, 607, 608,
]);

/** Of a poll: the target is unknown there. A MESSAGE may be routed differently (RFC 3261 §11). */
const UNKNOWN_THERE = new Set([404, 410, 484, 485, 604]);
/** Of a poll: the far end answers, but its answer does not say whether it accepts messages. */
const ABOUT_THE_QUESTION = new Set([405, 406, 415, 420, 481, 486, 488, 501]);

/** What to do, where there is something to do. */
const TEXTS: Readonly<Record<number, string>> = {
  400: 'it calls the message malformed: tell its operator',
  403: 'it forbids us to send this: ask its operator whether it knows our from and user',
  404: 'it knows nobody by that address: check target',
  405: 'it takes no MESSAGE: check target and host',
  406: 'it does not take this kind of content: ask its operator for RFC 8876',
  408: 'it did not reach whom we call in time',
  410: 'whom we call is gone: check target',
  413: 'the message is too large for it',
  415: 'it does not take this kind of content: ask its operator for RFC 8876',
  420: 'it wants less than we send: ask its operator for RFC 8876',
  421: 'it wants an extension that we do not have: ask its operator for RFC 8876',
  480: 'whom we call is not connected to it',
  486: 'whom we call is busy',
  488: 'it does not take this kind of content: ask its operator for RFC 8876',
  494: 'it wants a security agreement (RFC 3329), which we do not have: ask its operator',
  501: 'it takes no MESSAGE: check target and host',
  503: 'it is overloaded, or under repair',
  513: 'the message is too large for it',
  600: 'whom we call is busy everywhere',
  603: 'whom we call declined it: ask its operator why',
  604: 'it knows nobody by that address: check target',
  606: 'it does not take this kind of content: ask its operator for RFC 8876',
};

/** A longer Retry-After is a refusal, not a wait. The core bounds shorter ones. */
const RETRY_AFTER_MS_MAX = 24 * 3_600_000;

/**
 * What a final response to a MESSAGE means.
 *
 * @param unanswered why the challenge of a 401 or 407 could not be answered
 */
export function messageOutcome(response: SipResponse, unanswered?: string): Outcome {
  const { status } = response;
  const alertError = headerValue(response, 'AlertMsg-Error');
  // RFC 8876 §5: with this header the alert was not processed, whatever the status.
  if (status < 300 && alertError !== undefined) return { type: 'notUnderstood', detail: saidBy(response) };
  // RFC 3428 §7: a relay has it, and says nothing about the receiver.
  if (status === 202) return { type: 'handedOver' };
  if (status < 300) return { type: 'receiverAcknowledged' };
  // RFC 3261 §20.33: a far end that says when it can accept the message has not refused its form.
  if (ANOTHER_FORM.has(status) && retryAfterMs(response) === undefined) {
    return { type: 'notUnderstood', detail: saidBy(response) };
  }
  return refusal(response, unanswered);
}

/**
 * What a final response to an OPTIONS means. It says nothing about reports: a MESSAGE has its own
 * answer. A failure makes the path doubtful.
 */
export function pollOutcome(response: SipResponse, unanswered?: string): Outcome {
  const { status } = response;
  if (status < 300 || ABOUT_THE_QUESTION.has(status)) return { type: 'receiverAcknowledged' };
  if (UNKNOWN_THERE.has(status)) return { type: 'unproven', detail: textFor(response) };
  return refusal(response, unanswered);
}

function refusal(response: SipResponse, unanswered: string | undefined): Outcome {
  const { status } = response;
  const reason: FailureReason =
    unanswered !== undefined || status < 400 || REFUSED.has(status) ? 'refused' : 'protocolError';
  const detail = unanswered === undefined ? textFor(response) : `${unanswered} (${saidBy(response)})`;
  const waitMs = retryAfterMs(response);
  return { type: 'failed', reason, detail, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) };
}

function textFor(response: SipResponse): string {
  const { status } = response;
  const known = status < 400 ? redirection(response) : TEXTS[status];
  const refused = REFUSED.has(status) ? 'it refused the message: ask its operator why' : undefined;
  return `${known ?? refused ?? 'it could not take the message now'} (${saidBy(response)})`;
}

/**
 * A redirect that a stranger could have written in clear is not followed: no certificate vouches
 * for it.
 */
function redirection(response: SipResponse): string {
  const contact = headerValue(response, 'Contact');
  const where = contact === undefined ? '' : ` to ${short(contact)}`;
  return `it redirects${where}, and we do not follow: write that as target or host`;
}

/** RFC 3261 §20.33: seconds; a comment and parameters may follow. */
function retryAfterMs(response: SipResponse): number | undefined {
  const [, seconds] = /^(\d{1,12})(?:[\s(;]|$)/.exec(headerValue(response, 'Retry-After')?.trim() ?? '') ?? [];
  if (seconds === undefined || Number(seconds) === 0) return undefined;
  return Math.min(Number(seconds) * 1000, RETRY_AFTER_MS_MAX);
}

/** Headers that say why: RFC 8876 §5, RFC 6442 §4.3, RFC 3261 §21.4.13, §21.4.15 and §20.43. */
const REASONS = ['AlertMsg-Error', 'Geolocation-Error', 'Accept', 'Unsupported', 'Require', 'Warning', 'Reason'];

/** "SIP 425 Bad Alert Message, AlertMsg-Error 103" */
function saidBy(response: SipResponse): string {
  const codes = REASONS.flatMap((name) => {
    const value = headerValue(response, name);
    return value === undefined ? [] : [`${name} ${short(value)}`];
  });
  return [`SIP ${response.status} ${short(response.reason)}`.trimEnd(), ...codes.slice(0, 3)].join(', ');
}

/** Text from an untrusted far end, fit for a log. */
function short(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, '?').slice(0, 120);
}
