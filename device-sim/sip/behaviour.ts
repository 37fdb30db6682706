import type { ChallengeForm } from './gatekeeper.ts';

/** How the simulated receiver of SIP messages treats requests from now on. */
export type SipBehaviour =
  | { readonly type: 'normal' }
  /** No listener: connections are refused, open ones are reset. */
  | { readonly type: 'refuse' }
  /** Connections are accepted and read; nothing is processed or answered. */
  | { readonly type: 'hang' }
  /**
   * As if the host were gone: nothing is read any more, nothing is closed. Open connections are
   * reset when it comes back.
   */
  | { readonly type: 'vanish' }
  /** The connection is reset by the first bytes that arrive. */
  | { readonly type: 'closeMidMessage' }
  /** Refused with this status, whatever comes; what is refused is not taken into the inbox. */
  | { readonly type: 'refuseWith'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /**
   * As a proxy that asks whether the receiver lives does not get through, and one that is
   * overloaded: every OPTIONS is answered with `poll`, the first MESSAGE of each Call-ID with
   * `first`.
   */
  | { readonly type: 'failPolls'; readonly poll: number; readonly first?: number }
  /** OPTIONS is answered with 200, every MESSAGE with this status. */
  | { readonly type: 'refuseMessages'; readonly status: number }
  /** Asks for credentials in this form; only where the receiver has an account. */
  | { readonly type: 'challenge'; readonly form: ChallengeForm }
  /** 424 for whatever brings a location, 200 for the rest. */
  | { readonly type: 'badLocation' }
  /** 425 with this AlertMsg-Error (RFC 8876 §5.1: 100…103). */
  | { readonly type: 'badAlert'; readonly code: number }
  /** Everything below takes the message first; only the answer goes wrong. */
  | { readonly type: 'relayed' }
  | { readonly type: 'delay'; readonly ms: number }
  /** The answer begins, and a byte more comes every `ms`, for ever. */
  | { readonly type: 'drip'; readonly ms: number }
  | { readonly type: 'halfThenSilence' }
  | { readonly type: 'halfThenClose' }
  | { readonly type: 'garbage' }
  | { readonly type: 'wrongBranch' }
  | { readonly type: 'wrongCallId' }
  /** The answer to another method, on the right branch. */
  | { readonly type: 'wrongCseq' }
  | { readonly type: 'closeBeforeAnswering' }
  | { readonly type: 'closeAfterAnswering' }
  | { readonly type: 'answerTwice' }
  /**
   * 183 Session Progress three times, and the answer twice: what a far end sends again over UDP.
   */
  | { readonly type: 'progressThenAnswer' }
  /** 100 Trying, and nothing after it. */
  | { readonly type: 'tryingOnly' }
  /** 100 Trying, and the answer so long after it. */
  | { readonly type: 'tryingThenAnswer'; readonly ms: number }
  /** The answer goes out; from then on it is as if the host were gone. */
  | { readonly type: 'vanishAfterAccepting' };
