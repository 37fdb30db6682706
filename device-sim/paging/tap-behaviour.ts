/** Where in a call a terminal may go wrong: at the first CR, the log-on, a block, the EOT. */
export type TapStage = 'knock' | 'logon' | 'block' | 'end';

/** How the simulated terminal treats what comes in from now on. */
export type TapBehaviour =
  | { readonly type: 'normal' }
  /** TCP: no listener, open connections are reset. On a serial port: as `hang` at the knock. */
  | { readonly type: 'refuse' }
  /** Reads on and says nothing. */
  | { readonly type: 'hang'; readonly at: TapStage }
  /** ESC EOT instead of an answer, with a response code if one is given; then hangs up. */
  | { readonly type: 'disconnect'; readonly at: TapStage; readonly code?: number }
  /** The connection is dropped instead of an answer. */
  | { readonly type: 'drop'; readonly at: TapStage }
  /** Answers with something that is no TAP. */
  | { readonly type: 'garbage'; readonly at: TapStage }
  /** So many NAKs to log-ons or blocks (`Infinity`: always), whatever they deserve. */
  | { readonly type: 'nak'; readonly at: 'logon' | 'block'; readonly times: number; readonly code?: number }
  /** RS to each page, or only to those of one pager, so many times (default: always). */
  | { readonly type: 'rs'; readonly code?: number; readonly pager?: string; readonly times?: number }
  /** Accepts each page and takes it back at the end of the call. */
  | { readonly type: 'lateRejection'; readonly code?: number }
  /** Begins its answer to a block with a response code and stops there. */
  | { readonly type: 'halfAnswer' }
  /** Accepts the page and drops the connection instead of saying so, so many times. */
  | { readonly type: 'vanishAfterAccepting'; readonly times: number }
  | { readonly type: 'ackTwice' }
  /** Sends no `ID=`, and takes the log-on unasked. */
  | { readonly type: 'noId' }
  /** Lines of text of its own before each answer. */
  | { readonly type: 'chatter' }
  /**
   * Bit 7 of what it sends is odd parity, as of a line at 7O1 that is read with eight data bits.
   */
  | { readonly type: 'oddParity' }
  /** Each answer so late. */
  | { readonly type: 'slow'; readonly ms: number };

/** What kind of terminal it is. */
export interface TapTraits {
  /** Said before `ID=`. Default none. */
  readonly banner: string;
  /** Default CR. */
  readonly lineEnd: '\r' | '\n' | '\r\n' | '\n\r';
  /** What follows `ID=`; many send nothing. Default nothing. */
  readonly afterId: '' | '\r' | '\r\n';
  /** Says `ID=` as soon as somebody connects (TCP). Default false. */
  readonly asksFirst: boolean;
  /** Response codes (TAP 1.8; before 1.6 there were none). Default true. */
  readonly codes: boolean;
  /** Takes transactions of one block only. Default false. */
  readonly oneBlock: boolean;
  /** Ends the call after so many pages. Default 100. */
  readonly pagesPerCall: number;
  /** Default: none is asked for. */
  readonly password: string;
  /** Pagers it has; empty: all. */
  readonly pagers: readonly string[];
  /**
   * Bit 7 of what it sends: its parity, as a line read with eight data bits shows it. Default
   * 'none'.
   */
  readonly parity: 'none' | 'mark' | 'even' | 'odd';
  /** It sends no `ID=`, and takes the log-on unasked. Default false. */
  readonly noId: boolean;
  /** Hangs up on EOT without a word. Default false. */
  readonly noGoodbye: boolean;
}

export const USUAL_TERMINAL: TapTraits = {
  banner: '',
  lineEnd: '\r',
  afterId: '',
  asksFirst: false,
  codes: true,
  oneBlock: false,
  pagesPerCall: 100,
  password: '',
  pagers: [],
  parity: 'none',
  noId: false,
  noGoodbye: false,
};
