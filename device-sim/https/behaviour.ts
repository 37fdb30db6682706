import type { CapReply } from './cap-reply.ts';

/** How the inbox treats what comes in from now on; the faults of its network are here, too. */
export type InboxBehaviour =
  | { readonly type: 'normal' }
  /** No listener: connections are refused, open ones are reset. */
  | { readonly type: 'refuse' }
  /** Requests are read; nothing is taken or answered. */
  | { readonly type: 'hang' }
  /** The connection is closed as soon as a request has come, which is not taken. */
  | { readonly type: 'closeUnread' }
  /** An HTTP status instead of taking the message. */
  | ({ readonly type: 'status' } & StatusAnswer)
  /** Only polls get this status; messages are taken. */
  | { readonly type: 'polls'; readonly status: number }
  /**
   * The first time each message comes it gets this status; from then on it is taken. Polls get
   * theirs for ever.
   */
  | { readonly type: 'firstTimeEach'; readonly status: number; readonly polls: number }
  /** Takes the message, unless it is an `Error`, and answers 200 with a CAP message. */
  | ({ readonly type: 'capReply' } & CapReply)
  /** Offers HTTP/2 and nothing else. */
  | { readonly type: 'http2Only' }
  /** From here on the message is taken; only the answer goes wrong. */
  | { readonly type: 'late'; readonly ms: number }
  /** The answer's headers begin, and a byte more comes every `ms`, for ever. */
  | { readonly type: 'drip'; readonly ms: number }
  /** The whole head of the answer, and a body of which a byte comes every `ms`, for ever. */
  | { readonly type: 'dripBody'; readonly ms: number }
  | { readonly type: 'halfAnswerThenClose' }
  | { readonly type: 'halfAnswerThenSilence' }
  | { readonly type: 'garbage' }
  | { readonly type: 'closeBeforeAnswering' }
  | { readonly type: 'endlessAnswer' }
  | { readonly type: 'closeAfterAnswer' }
  /** Takes and acknowledges one, then it is gone: `refuse`. */
  | { readonly type: 'vanishAfterAnswer' };

export interface StatusAnswer {
  readonly status: number;
  /** So many times, then normal. Default: always. */
  readonly times?: number;
  readonly location?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The message is taken all the same. */
  readonly takes?: boolean;
  /** Only requests to other paths than this one get the status: there a redirect ends. */
  readonly exceptAt?: string;
}
