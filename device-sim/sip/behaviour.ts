import type { ChallengeForm } from './gatekeeper.ts';

/** How the simulated receiver of SIP messages treats requests from now on. */
export type SipBehaviour =
  | { readonly type: 'normal' }
  /** There is no listener: connections are refused and open ones are reset. */
  | { readonly type: 'refuse' }
  /** The receiver accepts and reads connections, but processes and answers nothing. */
  | { readonly type: 'hang' }
  /**
   * The host is gone: it reads nothing and closes nothing. Open connections are reset when it comes
   * back.
   */
  | { readonly type: 'vanish' }
  /** The first bytes that arrive reset the connection. */
  | { readonly type: 'closeMidMessage' }
  /**
   * The receiver refuses every request with this status. A refused message does not enter the
   * inbox.
   */
  | { readonly type: 'refuseWith'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /**
   * A proxy cannot reach the receiver, or is overloaded: it answers every OPTIONS with `poll`, and
   * the first MESSAGE of each Call-ID with `first`.
   */
  | { readonly type: 'failPolls'; readonly poll: number; readonly first?: number }
  /** The receiver answers OPTIONS with 200 and every MESSAGE with this status. */
  | { readonly type: 'refuseMessages'; readonly status: number }
  /** The receiver asks for credentials in this form. It needs an account for that. */
  | { readonly type: 'challenge'; readonly form: ChallengeForm }
  /** The receiver answers 424 to every request with a location and 200 to all others. */
  | { readonly type: 'badLocation' }
  /** The receiver answers 425 with this AlertMsg-Error (RFC 8876 §5.1: 100…103). */
  | { readonly type: 'badAlert'; readonly code: number }
  /** In all that follow, the receiver accepts the message first and only the answer goes wrong. */
  | { readonly type: 'relayed' }
  | { readonly type: 'delay'; readonly ms: number }
  /** The answer begins, then one byte comes every `ms`, for ever. */
  | { readonly type: 'drip'; readonly ms: number }
  | { readonly type: 'halfThenSilence' }
  | { readonly type: 'halfThenClose' }
  | { readonly type: 'garbage' }
  | { readonly type: 'wrongBranch' }
  | { readonly type: 'wrongCallId' }
  /** The answer names another method on the right branch. */
  | { readonly type: 'wrongCseq' }
  | { readonly type: 'closeBeforeAnswering' }
  | { readonly type: 'closeAfterAnswering' }
  | { readonly type: 'answerTwice' }
  /**
   * The receiver sends 183 Session Progress three times and the answer twice, like a far end that
   * retransmits over UDP.
   */
  | { readonly type: 'progressThenAnswer' }
  /** The receiver sends 100 Trying and nothing after it. */
  | { readonly type: 'tryingOnly' }
  /** The receiver sends 100 Trying, and the answer this time after it. */
  | { readonly type: 'tryingThenAnswer'; readonly ms: number }
  /** The receiver answers, and then the host is gone. */
  | { readonly type: 'vanishAfterAccepting' };
