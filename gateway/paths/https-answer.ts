import type { Outcome } from '../core/report.ts';

/** What a 2xx proves. `delivery`: the receiver has it. `handover`: a relay has it. */
export type Acknowledges = 'delivery' | 'handover';

const CHECK_SECRET =
  'check its secret in keys.yaml and what the server lets us do; if it takes only POST, write supervision: { mode: test }';

/** The outcome of a report that was answered with this status (RFC 9110 §15). */
export function judgeReport(status: number, acknowledges: Acknowledges): Outcome {
  if (status >= 200 && status < 300) {
    return { type: acknowledges === 'delivery' ? 'receiverAcknowledged' : 'handedOver' };
  }
  // The server has read it and will not take it, however often it comes.
  if (status === 400 || status === 413 || status === 422) return { type: 'notUnderstood' };
  return refused(status);
}

/**
 * The outcome of a poll. A server that answers is there, whatever it thinks of the question: many know no HEAD where they take alerts
 * (404, 405, 501). One that would refuse or send away the alert as well proves nothing.
 */
export function judgePoll(status: number): Outcome {
  const turnedAway = status === 401 || status === 403 || (status >= 300 && status < 400);
  const failing = status >= 500 && status !== 501;
  return turnedAway || failing || status === 429 ? refused(status) : { type: 'receiverAcknowledged' };
}

function refused(status: number): Outcome {
  return { type: 'failed', reason: 'refused', detail: `the server answered ${status}: ${wordsFor(status)}` };
}

function wordsFor(status: number): string {
  if (status >= 300 && status < 400) return 'it sends us elsewhere, where we do not follow: ask for the URL itself';
  if (status === 401 || status === 403) return CHECK_SECRET;
  if (status === 404 || status === 410) return 'nothing is at this URL: check url';
  if (status === 405) return 'this URL takes no POST: check url';
  if (status === 415) return 'this URL takes other kinds of documents: check url';
  if (status === 408) return 'it did not get the whole message in time';
  if (status === 429) return 'it is asked too often';
  if (status >= 500) return 'it has a fault of its own: tell who runs it';
  return 'it does not take the message: tell who runs it';
}
