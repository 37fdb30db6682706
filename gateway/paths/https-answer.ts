import type { WallMs } from '../../protocol/clocks.ts';
import type { Outcome } from '../core/report.ts';
import { askedBy } from './digest-credentials.ts';
import { firstLineOf } from './https-answer-text.ts';
import { type Expectation, unmet } from './https-expectation.ts';
import type { HttpsAnswer } from './https-message.ts';
import { retryAfterMs } from './retry-after.ts';

/**
 * What a 2xx proves. `delivery`: the receiver has it. `handover`: a relay has it. Absent: the
 * receiver has it, unless the answer is 202, which says that nothing was done with it yet (RFC 9110
 * §15.3.3).
 */
export type Acknowledges = 'delivery' | 'handover';

/** What the body of an answer says about our message, in a format that the path knows. */
export type AnswerReading =
  | { readonly says: 'nothing' | 'acknowledged' }
  /** `detail`: a whole sentence. `note`: the far end's own text. */
  | { readonly says: 'refused'; readonly detail: string; readonly note?: string };

/** How a path reads its answers. */
export interface AnswerRules {
  readonly acknowledges?: Acknowledges;
  /** What an acknowledgement looks like; absent: any 2xx is one. */
  readonly expect?: Expectation;
  /** Secrets that must not appear in a message, even if the far end repeats them. */
  readonly secrets: readonly string[];
  nowWallMs(): WallMs;
}

const CHECK_SECRET =
  'check its secret in keys.yaml and what the server lets us do; if it takes only POST, write supervision: { mode: test }';

const TRY_IT = 'check url by a drill; if its alerts arrive, write supervision: { mode: test }';
const ASKS_DIGEST = 'it asks for a user and password by Digest: write auth: digest and user:';

/** The outcome of a report that was answered (RFC 9110 §15). */
export function reportOutcome(answer: HttpsAnswer, rules: AnswerRules, reading: AnswerReading): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return successOutcome(answer, rules, reading);
  // The server has read it and does not accept it in this form.
  if (status === 400 || status === 413 || status === 422) {
    const note = reading.says === 'refused' ? reading.note : undefined;
    const said = note ?? firstLineOf(answer, rules.secrets);
    return { type: 'notUnderstood', detail: `the server answered ${status}${said === '' ? '' : `: ${said}`}` };
  }
  return refused(answer, rules);
}

function successOutcome(answer: HttpsAnswer, rules: AnswerRules, reading: AnswerReading): Outcome {
  const { acknowledges, expect } = rules;
  if (reading.says === 'refused') return { type: 'failed', reason: 'refused', detail: reading.detail };
  const missing = expect === undefined ? undefined : unmet(expect, answer);
  if (missing !== undefined) {
    const said = firstLineOf(answer, rules.secrets);
    const detail = `the server answered ${answer.status}, and ${missing}: ${said === '' ? 'it said nothing' : said}`;
    return { type: 'failed', reason: 'refused', detail };
  }
  if (acknowledges === 'handover') return { type: 'handedOver' };
  const isNamed = reading.says === 'acknowledged' || expect?.statuses?.includes(202) === true;
  if (answer.status === 202 && acknowledges === undefined && !isNamed) return { type: 'handedOver' };
  return { type: 'receiverAcknowledged' };
}

/**
 * The outcome of a poll. Many servers that accept alerts do not know HEAD (404, 405, 501), and
 * others answer the same at a mistyped URL. So these answers prove nothing.
 */
export function pollOutcome(answer: HttpsAnswer, rules: AnswerRules): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return { type: 'receiverAcknowledged' };
  const turnedAway = status === 401 || status === 403 || status === 407 || (status >= 300 && status < 400);
  const failing = status >= 500 && status !== 501;
  if (turnedAway || failing || status === 429) return refused(answer, rules);
  return {
    type: 'unproven',
    detail: `the server answered ${status} to HEAD, which proves nothing: ${TRY_IT}`,
  };
}

function refused({ status, headers }: HttpsAnswer, { nowWallMs }: AnswerRules): Outcome {
  const asked = status === 401 ? askedBy({ server: [headers['www-authenticate'] ?? ''].flat(), proxy: [] }) : '';
  // With auth: digest, such an answer is handled before it gets here.
  const words = asked.includes('Digest') && !asked.includes('Basic') ? ASKS_DIGEST : wordsFor(status);
  const waits = status === 429 || status === 503 || (status >= 300 && status < 400);
  const ms = waits ? retryAfterMs(headers, nowWallMs()) : undefined;
  return {
    type: 'failed',
    reason: 'refused',
    detail: `the server answered ${status}: ${words}${ms === undefined ? '' : ` (it asks us to wait ${Math.ceil(ms / 1000)} s)`}`,
    ...(ms === undefined ? {} : { retryAfterMs: ms }),
  };
}

function wordsFor(status: number): string {
  if (status === 307 || status === 308) {
    return 'it sends us elsewhere: write the URL itself, or let us follow (redirects: 3)';
  }
  if (status >= 300 && status < 400) return 'it sends us elsewhere, where we do not follow: ask for the URL itself';
  if (status === 401 || status === 403) return CHECK_SECRET;
  if (status === 404 || status === 410) return 'nothing is at this URL: check url';
  if (status === 405) return 'this URL takes no POST: check url';
  if (status === 415) return 'this URL takes other kinds of documents: check url';
  if (status === 408) return 'it did not get the whole message in time';
  if (status === 429) return 'it is asked too often';
  // RFC 9110 §15.6.4.
  if (status === 503) return 'it is overloaded, or under repair';
  if (status >= 500) return 'it has a fault of its own: tell who runs it';
  return 'it does not take the message: tell who runs it';
}
