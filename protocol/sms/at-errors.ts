import type { AtError } from './at-lines.ts';

/**
 * Who is to blame, so far as an error tells: the network or the centre (later may do), the SIM card, the recipient's number, the message
 * itself, or the modem.
 */
export type Blame = 'network' | 'sim' | 'number' | 'message' | 'modem';

export interface Explained {
  readonly blame: Blame;
  /** Plain words, with what a person can do where there is something. */
  readonly words: string;
}

const CHECK_NUMBER = 'check the number in site.yaml';
const ASK_OPERATOR = 'ask the mobile operator whether the SIM card may send SMS, and whether there is credit on it';

/** Numbers of `+CMS ERROR` (3GPP TS 27.005 §3.2.5; below 128 those of TS 24.011 annex E-2). */
const CMS: ReadonlyMap<number, readonly [Blame, string]> = new Map([
  [1, ['number', `nobody has this number: ${CHECK_NUMBER}`]],
  [8, ['sim', `the operator bars this SIM card from sending: ${ASK_OPERATOR}`]],
  [10, ['sim', `sending is barred for this SIM card: ${ASK_OPERATOR}`]],
  [21, ['sim', `the SMS centre rejects it: ${ASK_OPERATOR}`]],
  [27, ['network', 'the destination is out of service']],
  [28, ['number', `the network knows no such subscriber: ${CHECK_NUMBER}`]],
  [29, ['sim', `the network rejects it: ${ASK_OPERATOR}`]],
  [30, ['sim', `the network does not know this SIM card: ${ASK_OPERATOR}`]],
  [38, ['network', 'the network is out of order']],
  [41, ['network', 'the network has a temporary failure']],
  [42, ['network', 'the network is congested']],
  [47, ['network', 'the network is short of resources']],
  [50, ['sim', `this SIM card has no subscription to SMS: ${ASK_OPERATOR}`]],
  [69, ['sim', `the network does not carry SMS for this SIM card: ${ASK_OPERATOR}`]],
  [300, ['modem', 'the modem failed']],
  [301, ['modem', 'another program uses the SMS service of the modem']],
  [302, ['modem', 'the modem does not allow it now']],
  [304, ['message', 'the modem refuses the message: invalid in PDU mode']],
  [305, ['message', 'the modem refuses the message: invalid in text mode']],
  [310, ['sim', 'no SIM card is in the modem: put it in']],
  [311, ['sim', 'the SIM card asks for its PIN']],
  [312, ['sim', 'the SIM card is locked to another device']],
  [313, ['sim', 'the SIM card failed: take it out and put it in again, or replace it']],
  [314, ['sim', 'the SIM card is busy']],
  [315, ['sim', 'the modem refuses this SIM card']],
  [316, ['sim', 'the SIM card is locked and asks for its PUK: unlock it in a phone']],
  [330, ['sim', 'the SIM card knows no SMS centre: set its number with a phone']],
  [331, ['network', 'the modem has no network: check the antenna']],
  [332, ['network', 'the network did not answer in time']],
  [500, ['modem', 'the modem gives no reason (unknown error)']],
  [513, ['message', 'the modem refuses the message as too long']],
]);

/** Numbers of `+CME ERROR` (3GPP TS 27.007 §9.2) that mean the same as one of those. */
const CME_AS_CMS: ReadonlyMap<number, number> = new Map([
  [5, 312],
  [10, 310],
  [11, 311],
  [12, 316],
  [13, 313],
  [14, 314],
  [15, 315],
  [30, 331],
  [31, 332],
  [32, 331],
  [100, 500],
]);

export function explain(error: AtError): Explained {
  if (error.family === 'plain') return { blame: 'modem', words: 'the modem says ERROR and no more' };
  if ('words' in error) return { blame: blameOf(error.words), words: `the modem says: ${error.words}` };
  const { family, code } = error;
  const known = CMS.get(family === 'CMS' ? code : (CME_AS_CMS.get(code) ?? -1));
  const name = `${family} error ${code}`;
  return known === undefined
    ? { blame: 'modem', words: `the modem says ${name}` }
    : { blame: known[0], words: `${known[1]} (${name})` };
}

/** Of a modem that answers in words. */
function blameOf(words: string): Blame {
  if (/\bSIM\b/i.test(words)) return 'sim';
  return /network|congestion|temporary/i.test(words) ? 'network' : 'modem';
}

export function isSimBusy(error: AtError): boolean {
  return 'code' in error && error.code === (error.family === 'CME' ? 14 : 314);
}
