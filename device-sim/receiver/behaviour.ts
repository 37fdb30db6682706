import type { Spelling } from './spelling.ts';

/**
 * How the simulated receiver treats messages from now on. The network's faults are here beside the
 * receiver's own, because the sender cannot tell them apart. Over UDP, a behaviour of connections
 * has no effect, and one that closes before it answers stays silent.
 */
export type ReceiverBehaviour =
  | { readonly type: 'normal' }
  /**
   * There is no listener: connections and datagrams are refused, and open connections are reset.
   */
  | { readonly type: 'refuse' }
  /** The receiver accepts and reads connections, but processes and answers nothing. */
  | { readonly type: 'hang' }
  /**
   * The host is gone: it reads nothing and closes nothing. Open connections are reset when it comes
   * back.
   */
  | { readonly type: 'vanish' }
  /** The first bytes that arrive reset the connection. */
  | { readonly type: 'closeMidFrame' }
  /**
   * This number of frames is lost on the way to the receiver (`Infinity`: all); then it is normal
   * again.
   */
  | { readonly type: 'loseRequests'; readonly times: number }
  /** In all that follow, the receiver accepts the event first and only the answer goes wrong. */
  | { readonly type: 'delay'; readonly ms: number }
  /** This number of answers is lost on the way back; then it is normal again. */
  | { readonly type: 'loseAnswers'; readonly times: number }
  /** The receiver accepts the next event, then vanishes before it can answer, as with `vanish`. */
  | { readonly type: 'vanishAfterAccepting' }
  /** The answer begins, then one byte comes every `ms`, for ever. */
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
  /** The receiver closes a connection this time after its last byte. */
  | { readonly type: 'idleClose'; readonly ms: number }
  /**
   * The receiver refuses with NAK or DUH this number of times (`Infinity`: always), then is normal
   * again. It does not accept a refused event.
   */
  | { readonly type: 'nak'; readonly times: number }
  | { readonly type: 'duh'; readonly times: number }
  /** Messages of one format get a NAK with the right time. All others get the proper answer. */
  | { readonly type: 'nakFormat'; readonly format: 'SIA-DCS' | 'ADM-CID' }
  /** NULL is never answered. All others get the proper answer. */
  | { readonly type: 'silentToNull' }
  /**
   * The receiver accepts nothing and answers with a bare `"NAK"` without CRC or time, as pysiaalarm
   * does for an unknown account.
   */
  | { readonly type: 'bareNak' }
  /**
   * Answers have the right meaning in the spelling of some receivers. By default the spellings take
   * turns.
   */
  | { readonly type: 'oddSpelling'; readonly spelling?: Spelling }
  /** Time by which its clock is ahead of this machine's. */
  | { readonly type: 'clockOff'; readonly ms: number }
  /**
   * The receiver accepts all connections but reads one at a time. It reads the next one when that
   * is closed.
   */
  | { readonly type: 'oneConnection' }
  /** The receiver reads only the first frame of each connection. */
  | { readonly type: 'firstFrameOnly' };
