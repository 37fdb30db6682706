import type { AtError } from './at-lines.ts';

/**
 * The subject of an error, as far as it is known: the network or the SMS centre (a later try may
 * succeed), the SIM card, the recipient's number, or the modem.
 *
 * None of these is about the report. Its text is well-formed by construction, and no answer of a
 * modem proves that it never would be accepted.
 */
export type ErrorCause = 'network' | 'sim' | 'number' | 'modem';

interface Explained {
  readonly cause: ErrorCause;
  /** Plain text, with what a person can do if there is something. */
  readonly words: string;
}

const CHECK_NUMBER = 'check the number in site.yaml';
const ASK_OPERATOR = 'ask the mobile operator whether the SIM card may send SMS, and whether there is credit on it';

/**
 * Numbers of `+CMS ERROR` (3GPP TS 27.005 §3.2.5). Those below 128 are of TS 24.011 annex E-2,
 * those from 128 to 255 of TS 23.040 §9.2.3.22, those from 300 to 511 of 27.005 itself.
 */
const CMS: ReadonlyMap<number, readonly [ErrorCause, string]> = new Map([
  [1, ['number', `this number is not assigned: ${CHECK_NUMBER}`]],
  [8, ['sim', `the operator bars this SIM card from sending: ${ASK_OPERATOR}`]],
  [10, ['sim', `sending is barred for this SIM card: ${ASK_OPERATOR}`]],
  [17, ['network', 'the network failed']],
  [21, ['sim', `the SMS centre rejects the message: ${ASK_OPERATOR}`]],
  [22, ['network', 'the SMS centre is busy']],
  [27, ['network', 'the destination is out of service']],
  [28, ['number', `the network does not know this number: ${CHECK_NUMBER}`]],
  [29, ['sim', `the network rejects the message: ${ASK_OPERATOR}`]],
  [30, ['sim', `the network does not know this SIM card: ${ASK_OPERATOR}`]],
  [38, ['network', 'the network is out of order']],
  [41, ['network', 'the network has a temporary failure']],
  [42, ['network', 'the network is congested']],
  [47, ['network', 'the network is short of resources']],
  [50, ['sim', `this SIM card has no subscription to SMS: ${ASK_OPERATOR}`]],
  [69, ['sim', `the network does not carry SMS for this SIM card: ${ASK_OPERATOR}`]],
  [111, ['network', 'the network reports a protocol error']],
  [127, ['network', 'the network gives no reason']],
  [192, ['network', 'the SMS centre is busy']],
  [193, ['sim', `the SMS centre does not serve this SIM card: ${ASK_OPERATOR}`]],
  [194, ['network', 'the SMS centre failed']],
  [195, ['number', `the SMS centre calls this number invalid: ${CHECK_NUMBER}`]],
  [196, ['number', `the recipient bars messages: ${CHECK_NUMBER}`]],
  [197, ['network', 'the SMS centre calls it a duplicate: it may have the message already']],
  [300, ['modem', 'the modem failed']],
  [301, ['modem', 'another program uses the SMS service of the modem']],
  [302, ['modem', 'the modem does not allow it now']],
  [303, ['modem', 'the modem does not support it']],
  [304, ['modem', 'the modem refuses the message: invalid in PDU mode']],
  [305, ['modem', 'the modem refuses the message: invalid in text mode']],
  [310, ['sim', 'no SIM card is in the modem: insert one']],
  [311, ['sim', 'the SIM card asks for its PIN']],
  [312, ['sim', 'the SIM card is locked to another device']],
  [313, ['sim', 'the SIM card failed: take it out and insert it again, or replace it']],
  [314, ['sim', 'the SIM card is busy']],
  [315, ['sim', 'the modem refuses this SIM card']],
  [316, ['sim', 'the SIM card is locked and asks for its PUK: unlock it in a phone']],
  [317, ['sim', 'the SIM card asks for its PIN2']],
  [318, ['sim', 'the SIM card asks for its PUK2']],
  [320, ['modem', 'the message memory of the modem failed']],
  [322, ['modem', 'the message memory of the modem is full: delete messages from it']],
  [330, ['sim', 'the SIM card knows no SMS centre: set its number with a phone']],
  [331, ['network', 'the modem has no network: check the antenna']],
  [332, ['network', 'the network did not answer in time']],
  [500, ['modem', 'the modem gives no reason (unknown error)']],
]);

/**
 * From here on the numbers are the manufacturer's own (3GPP TS 27.005 §3.2.5): 513 is "lower layer
 * failure" with one manufacturer and "too long" with another.
 */
const OWN_NUMBERS_FROM = 512;

/** Numbers of `+CME ERROR` (3GPP TS 27.007 §9.2) with the same meaning as one of those. */
const CME_AS_CMS: ReadonlyMap<number, number> = new Map([
  [0, 300],
  [3, 302],
  [4, 303],
  [5, 312],
  [10, 310],
  [11, 311],
  [12, 316],
  [13, 313],
  [14, 314],
  [15, 315],
  [17, 317],
  [18, 318],
  [20, 322],
  [30, 331],
  [31, 332],
  [32, 331],
  [100, 500],
]);

export function explain(error: AtError): Explained {
  if (error.family === 'plain') return { cause: 'modem', words: 'the modem says ERROR and no more' };
  if ('words' in error) return { cause: causeOf(error.words), words: `the modem says: ${error.words}` };
  const { family, code } = error;
  const name = `${family} error ${code}`;
  // The subject is unknown, so it is retried like a fault of the network.
  if (code >= OWN_NUMBERS_FROM) {
    return { cause: 'network', words: `the modem says ${name}, a number of its maker's own: see its manual` };
  }
  const known = CMS.get(family === 'CMS' ? code : (CME_AS_CMS.get(code) ?? -1));
  if (known !== undefined) return { cause: known[0], words: `${known[1]} (${name})` };
  // Numbers below 300 come from the network or the SMS centre.
  const cause = family === 'CMS' && code < 300 ? 'network' : 'modem';
  return { cause, words: `${cause === 'network' ? 'the network' : 'the modem'} says ${name}` };
}

/** Error of a modem that answers with text. */
function causeOf(words: string): ErrorCause {
  if (/\bSIM\b/i.test(words)) return 'sim';
  return /network|congestion|temporary/i.test(words) ? 'network' : 'modem';
}

export function isSimBusy(error: AtError): boolean {
  return 'code' in error && error.code === (error.family === 'CME' ? 14 : 314);
}
