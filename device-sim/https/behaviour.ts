import type { CapReply } from './cap-reply.ts';

/** How the inbox treats requests from now on. The faults of its network are also here. */
export type InboxBehaviour =
  | { readonly type: 'normal' }
  /** There is no listener: connections are refused and open ones are reset. */
  | { readonly type: 'refuse' }
  /** The inbox reads requests, but accepts and answers none. */
  | { readonly type: 'hang' }
  /** The inbox closes the connection as soon as a request has come, and does not accept it. */
  | { readonly type: 'closeUnread' }
  /** The inbox answers with this HTTP status and does not accept the message. */
  | ({ readonly type: 'status' } & StatusAnswer)
  /** Only polls get this status. Messages are accepted. */
  | { readonly type: 'polls'; readonly status: number }
  /**
   * The first copy of each message gets this status; later copies are accepted. Polls always get
   * their status.
   */
  | { readonly type: 'firstTimeEach'; readonly status: number; readonly polls: number }
  /** The inbox accepts the message, unless it is an `Error`, and answers 200 with a CAP message. */
  | ({ readonly type: 'capReply' } & CapReply)
  /** The inbox offers HTTP/2 and nothing else. */
  | { readonly type: 'http2Only' }
  /** In all that follow, the inbox accepts the message and only the answer goes wrong. */
  | { readonly type: 'late'; readonly ms: number }
  /** The answer's headers begin, then one byte comes every `ms`, for ever. */
  | { readonly type: 'drip'; readonly ms: number }
  /** The answer's head is complete, then one byte of its body comes every `ms`, for ever. */
  | { readonly type: 'dripBody'; readonly ms: number }
  | { readonly type: 'halfAnswerThenClose' }
  | { readonly type: 'halfAnswerThenSilence' }
  | { readonly type: 'garbage' }
  | { readonly type: 'closeBeforeAnswering' }
  | { readonly type: 'endlessAnswer' }
  | { readonly type: 'closeAfterAnswer' }
  /** The inbox accepts and acknowledges one message, then changes to `refuse`. */
  | { readonly type: 'vanishAfterAnswer' };

export interface StatusAnswer {
  readonly status: number;
  /** Number of times before it is normal again. Default: always. */
  readonly times?: number;
  readonly location?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The inbox accepts the message nevertheless. */
  readonly takes?: boolean;
  /** Only requests to other paths than this one get the status. A redirect ends at this path. */
  readonly exceptAt?: string;
}
