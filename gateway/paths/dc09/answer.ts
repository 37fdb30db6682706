import type { WallMs } from '../../../protocol/clocks.ts';
import { type BareToken, isSameAccount, parseAnswer } from '../../../protocol/dc09/answer-frame.ts';
import { type Content, type Envelope, type EnvelopeFault, parseContent } from '../../../protocol/dc09/message.ts';
import type { Sealer } from '../../../protocol/dc09/sealer.ts';
import { timestampIn } from '../../../protocol/dc09/timestamp.ts';
import type { Outcome } from '../../core/report.ts';

/** The expected answer to the frame under way. */
export interface Expected {
  readonly sequence: number;
  /** Upper case. */
  readonly account: string;
  /** The time stamp of the frame, ms since 1970 UTC. */
  readonly stampMs: WallMs;
  readonly sealer?: Sealer | undefined;
  /**
   * Sequence numbers answered earlier on the same connection. The second of two answers has one of
   * them.
   */
  readonly answered?: readonly number[];
  /**
   * Called once for an answer that otherwise proves the key: has it acknowledged something before?
   * Default: nothing is remembered.
   */
  readonly isReplay?: (sealed: string) => boolean;
}

/**
 * An encrypted answer whose time stamp is farther than this from ours is a replay. A receiver that
 * checks our stamp (−40…+20 s, DC-09 §5.5.1.9) has a clock near it; 5 minutes leave room for those
 * that are lax.
 */
const REPLAY_WINDOW_MS = 300_000;

/**
 * What an answer means for the frame under way; `undefined` if it is the second answer to an
 * earlier frame. Odd `R` and `L` fields, a wrong length field, hex digits of either case and
 * rubbish after the time stamp are tolerated: the CRC vouches for the rest.
 *
 * An acknowledgement counts if its sequence number is ours, and its account is ours or missing: one
 * frame is under way on a connection, so the answer can't be for another account. On an encrypted
 * account the answer must prove the key as well. A refusal needs no proof, because a refused alarm
 * is tried again.
 */
export function interpretAnswer(frame: Uint8Array, expected: Expected): Outcome | undefined {
  const answer = parseAnswer(frame);
  if (answer.type === 'bare') return interpretBare(answer.token);
  if (answer.type === 'damaged') return protocolError(DAMAGED[answer.fault](excerpt(frame)));
  const { envelope } = answer;
  // A NAK always has sequence 0000 and account A0, so it can't be matched.
  if (envelope.token === 'NAK') return refusedWithNak(envelope, expected);
  // Receivers that could not read our frame answer DUH with 0000 and no account.
  if (envelope.token === 'DUH' && envelope.sequence === 0 && envelope.account === undefined) return NOT_UNDERSTOOD;
  if (!ANSWERS.has(envelope.token)) {
    return protocolError(`the receiver answered with an unknown message ${envelope.token.slice(0, 16)}`);
  }
  if (envelope.sequence !== expected.sequence) return otherSequence(envelope, expected);
  if (envelope.account !== undefined && !isSameAccount(envelope.account, expected.account)) {
    return protocolError(
      `the receiver answered for account ${envelope.account.slice(0, 16)}, ours is ${expected.account}: ask the centre which it has`,
    );
  }
  return envelope.token === 'DUH' ? NOT_UNDERSTOOD : acknowledged(envelope, expected);
}

const NOT_UNDERSTOOD: Outcome = { type: 'notUnderstood' };
const ANSWERS: ReadonlySet<string> = new Set(['ACK', 'RSP', 'DUH']);

/** Some receivers answer a message of an unknown account with a token alone. */
function interpretBare(token: BareToken): Outcome {
  if (token === 'NAK') return { type: 'wrongTime' };
  if (token === 'DUH') return NOT_UNDERSTOOD;
  return protocolError('the receiver answered a bare "ACK", without number and account: it proves nothing');
}

function otherSequence({ token, sequence }: Envelope, expected: Expected): Outcome | undefined {
  if (expected.answered?.includes(sequence)) return undefined;
  const [theirs, ours] = [sequence, expected.sequence].map((each) => String(each).padStart(4, '0'));
  return protocolError(`the receiver answered ${token} to message ${theirs}, ours is ${ours}`);
}

/** `receiverTimeMs` only if the answer has a time: without one, nothing is known of the clocks. */
function refusedWithNak(envelope: Envelope, { sealer }: Expected): Outcome {
  // The standard never encrypts a NAK. Some receivers do.
  const time = envelope.encrypted ? parseContent(envelope, sealer)?.timestampMs : timestampIn(envelope.rest);
  return time === undefined ? { type: 'wrongTime' } : { type: 'wrongTime', receiverTimeMs: time };
}

/**
 * On an encrypted account only an answer that proves the key counts. There is no MAC: the proof is
 * a time stamp that decrypts to a time near ours. Otherwise anyone on the way could stop an alarm
 * with a forged or recorded acknowledgement.
 */
function acknowledged(envelope: Envelope, expected: Expected): Outcome {
  const { sealer, stampMs, isReplay } = expected;
  if (sealer === undefined) {
    return envelope.encrypted
      ? protocolError('the receiver answered encrypted, and no key is configured')
      : { type: 'receiverAcknowledged' };
  }
  if (!envelope.encrypted) return protocolError('the receiver acknowledged an encrypted message in clear');
  const content = parseContent(envelope, sealer);
  const time = content?.timestampMs;
  if (content === undefined || time === undefined || !isPlausible(envelope.token, content)) {
    return protocolError("the receiver's acknowledgement does not decrypt with our key");
  }
  if (Math.abs(time - stampMs) > REPLAY_WINDOW_MS) {
    return protocolError("the acknowledgement's time is far from ours: replayed, or the receiver's clock is wrong");
  }
  if (isReplay?.(envelope.rest)) return protocolError('the acknowledgement is a recorded one: somebody replays it');
  return { type: 'receiverAcknowledged' };
}

/** An answer made of recorded blocks has rubbish before the time. */
function isPlausible(token: string, { data, xdata }: Content): boolean {
  return token === 'ACK' ? data === '' && xdata.length === 0 : /^[ -{}~]*$/.test([data, ...xdata].join(''));
}

/** What was seen, and what to check. */
const DAMAGED: Readonly<Record<EnvelopeFault, (seen: string) => string>> = {
  tooShort: (seen) => `what answers there does not speak DC-09 (it said ${seen}): check host and port`,
  binaryCrc: () => "the receiver's answer has a binary CRC: have it set to four hex digits (DC-09)",
  badCrc: (seen) => `the receiver's answer is damaged, its CRC does not fit (${seen}): what is on the way?`,
  badSyntax: (seen) => `the receiver's answer can't be read (${seen}): ask the centre for its model`,
};

/** The beginning of an answer, for a person. */
function excerpt(frame: Uint8Array): string {
  const text = String.fromCharCode(...frame.subarray(0, 24)).replace(/[^ !#-~]/g, '.');
  return `${text}${frame.length > 24 ? '…' : ''}`;
}

function protocolError(detail: string): Outcome {
  return { type: 'failed', reason: 'protocolError', detail };
}
