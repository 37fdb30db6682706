import { type Content, type Envelope, parseContent, parseEnvelope } from '../../../protocol/dc09/message.ts';
import type { Sealer } from '../../../protocol/dc09/sealer.ts';
import type { Outcome } from '../../core/report.ts';

/** What the frame under way expects of its answer. */
export interface Expected {
  readonly sequence: number;
  /** Upper case. */
  readonly account: string;
  /** The time stamp put on the frame, ms since 1970 UTC. */
  readonly stampMs: number;
  readonly sealer?: Sealer;
  /** Asked of what else proves the key, once: whether it has acknowledged something before. Default: nothing is remembered. */
  readonly isReplay?: (sealed: string) => boolean;
}

/**
 * An encrypted answer whose time stamp is farther than this from ours is a replay. A receiver that checks our stamp (−40…+20 s,
 * DC-09 §5.5.1.9) has a clock near it; 5 minutes leave room for those that are lax.
 */
const REPLAY_WINDOW_MS = 300_000;

/**
 * What an answer means for the frame under way; `undefined` if it answers another frame. Odd `R` and `L` fields, a wrong length
 * field, hex of either case and rubbish after the time stamp are tolerated: the CRC vouches for the rest.
 */
export function judgeAnswer(frame: Uint8Array, expected: Expected): Outcome | undefined {
  const envelope = parseEnvelope(frame);
  if (typeof envelope === 'string') return protocolError(`the receiver's answer is damaged (${envelope})`);
  switch (envelope.token) {
    case 'NAK':
      // Has sequence 0000 and account A0, whatever it answers: not to be matched.
      return wrongTime(envelope);
    case 'DUH':
      return isOurs(envelope, expected) ? { type: 'notUnderstood' } : undefined;
    case 'ACK':
    case 'RSP':
      return isOurs(envelope, expected) ? acknowledged(envelope, expected) : undefined;
    default:
      return protocolError(`the receiver answered with an unknown message ${envelope.token.slice(0, 16)}`);
  }
}

/** The sequence number pairs answer and request; the account guards against a receiver that mixes up its lines. */
function isOurs(envelope: Envelope, expected: Expected): boolean {
  if (envelope.sequence !== expected.sequence) return false;
  if (envelope.token === 'DUH' && envelope.account === undefined) return true;
  return envelope.account?.toUpperCase() === expected.account;
}

function wrongTime(envelope: Envelope): Outcome {
  const time = envelope.encrypted ? undefined : parseContent(envelope)?.timestampMs;
  return time === undefined ? { type: 'wrongTime' } : { type: 'wrongTime', receiverTimeMs: time };
}

/**
 * On an encrypted account only an answer that proves the key counts. There is no MAC: the proof is a time stamp that
 * decrypts to one near ours. Otherwise anyone on the way could silence an alarm with a forged or recorded acknowledgement.
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

/** What was put together from recorded blocks is rubbish before the time. */
function isPlausible(token: string, { data, xdata }: Content): boolean {
  return token === 'ACK' ? data === '' && xdata.length === 0 : /^[ -{}~]*$/.test([data, ...xdata].join(''));
}

function protocolError(detail: string): Outcome {
  return { type: 'failed', reason: 'protocolError', detail };
}
