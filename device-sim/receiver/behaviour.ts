import type { Spelling } from './spelling.ts';

/**
 * How the simulated receiver treats what comes in from now on. The network's faults and the
 * receiver's own are both here, because the sender can't tell them apart. Over UDP what is said of
 * connections means nothing, and what closes before it answers is silent.
 */
export type ReceiverBehaviour =
  | { readonly type: 'normal' }
  /** No listener: connections and datagrams are refused, open connections are reset. */
  | { readonly type: 'refuse' }
  /** Connections are accepted and read; nothing is processed or answered. */
  | { readonly type: 'hang' }
  /**
   * As if the host were gone: nothing is read any more, nothing is closed. Open connections are
   * reset when it comes back.
   */
  | { readonly type: 'vanish' }
  /** The connection is reset by the first bytes that arrive. */
  | { readonly type: 'closeMidFrame' }
  /** So many frames are lost on their way here (`Infinity`: all), then normal. */
  | { readonly type: 'loseRequests'; readonly times: number }
  /** Everything below accepts the event first; only the answer goes wrong. */
  | { readonly type: 'delay'; readonly ms: number }
  /** So many answers are lost on their way back, then normal. */
  | { readonly type: 'loseAnswers'; readonly times: number }
  /** The next event is accepted; then it is gone, as with `vanish`, before it could answer. */
  | { readonly type: 'vanishAfterAccepting' }
  /** The answer begins, and a byte more comes every `ms`, for ever. */
  | { readonly type: 'drip'; readonly ms: number }
  | { readonly type: 'halfFrameThenSilence' }
  | { readonly type: 'halfFrameThenClose' }
  | { readonly type: 'wrongSequence' }
  | { readonly type: 'wrongAccount' }
  | { readonly type: 'badCrc' }
  | { readonly type: 'garbage' }
  | { readonly type: 'closeBeforeAnswering' }
  | { readonly type: 'closeAfterAck' }
  | { readonly type: 'ackTwice' }
  /** A connection is closed so long after its last byte. */
  | { readonly type: 'idleClose'; readonly ms: number }
  /**
   * Refused with NAK or DUH so many times (`Infinity`: always), then normal. Refused events are not
   * accepted.
   */
  | { readonly type: 'nak'; readonly times: number }
  | { readonly type: 'duh'; readonly times: number }
  /** Messages of one format get a NAK, whose time is right. The rest is answered as it should. */
  | { readonly type: 'nakFormat'; readonly format: 'SIA-DCS' | 'ADM-CID' }
  /** NULL is never answered. The rest is answered as it should. */
  | { readonly type: 'silentToNull' }
  /**
   * Nothing is accepted, and each answer is a bare `"NAK"`: no CRC, no time. As pysiaalarm does to
   * an unknown account.
   */
  | { readonly type: 'bareNak' }
  /**
   * Answers mean what they should, and are written as some receivers write them. Default: one
   * spelling after the other.
   */
  | { readonly type: 'oddSpelling'; readonly spelling?: Spelling }
  /** Its clock is so far ahead of this machine's. */
  | { readonly type: 'clockOff'; readonly ms: number }
  /** Connections are accepted, and one is read at a time: the next when that is closed. */
  | { readonly type: 'oneConnection' }
  /** Of each connection only the first frame is read. */
  | { readonly type: 'firstFrameOnly' };
