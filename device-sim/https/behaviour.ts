/** How the inbox treats what comes in from now on; the faults of its network are here, too. */
export type InboxBehaviour =
  | { readonly type: 'normal' }
  /** No listener: connections are refused, open ones are reset. */
  | { readonly type: 'refuse' }
  /** Requests are read; nothing is taken or answered. */
  | { readonly type: 'hang' }
  /** The connection is closed as soon as a request has come, which is not taken. */
  | { readonly type: 'closeUnread' }
  /** An HTTP status instead of taking the message; so many times, then normal. Default: always. */
  | { readonly type: 'status'; readonly status: number; readonly times?: number; readonly location?: string }
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
