import { type Dc09Message, type Envelope, encodeMessage } from './message.ts';
import type { Sealer } from './sealer.ts';

/** The fields that a reply repeats from its request. */
type Answered = Pick<Envelope, 'sequence' | 'receiver' | 'prefix' | 'account'>;

/**
 * Accepts the request. With a sealer, the reply is encrypted (`*ACK`, always with a time stamp).
 * That is for encrypted requests only.
 */
export function encodeAck(to: Answered, timestampMs?: number, sealer?: Sealer): Uint8Array {
  return encodeMessage(replyTo('ACK', to, '', timestampMs), sealer);
}

/** Accepts the request and adds data for the sender, e.g. a key exchange. */
export function encodeRsp(to: Answered, data: string, timestampMs?: number, sealer?: Sealer): Uint8Array {
  return encodeMessage(replyTo('RSP', to, data, timestampMs), sealer);
}

/** Says that the receiver understood the frame but cannot process it. Never encrypted. */
export function encodeDuh(to: Answered): Uint8Array {
  return encodeMessage(replyTo('DUH', to, '', undefined));
}

/**
 * Says that the request's time stamp is outside the receiver's window, with the receiver's own
 * time. Never encrypted and without an account.
 */
export function encodeNak(timestampMs: number): Uint8Array {
  return encodeMessage({ token: 'NAK', sequence: 0, receiver: '0', prefix: '0', data: '', xdata: [], timestampMs });
}

function replyTo(token: string, to: Answered, data: string, timestampMs: number | undefined): Dc09Message {
  return {
    token,
    sequence: to.sequence,
    ...(to.receiver === undefined ? {} : { receiver: to.receiver }),
    prefix: to.prefix,
    ...(to.account === undefined ? {} : { account: to.account }),
    data,
    xdata: [],
    ...(timestampMs === undefined ? {} : { timestampMs }),
  };
}
