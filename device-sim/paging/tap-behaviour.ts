/**
 * The step of a call at which a terminal goes wrong: the first CR, the log-on, a block, or the EOT.
 */
export type TapStage = 'knock' | 'logon' | 'block' | 'end';

/** How the simulated terminal treats calls from now on. */
export type TapBehaviour =
  | { readonly type: 'normal' }
  /**
   * On TCP there is no listener, and open connections are reset. A serial port acts as with `hang`
   * at the first CR.
   */
  | { readonly type: 'refuse' }
  /** The terminal reads on and does not answer. */
  | { readonly type: 'hang'; readonly at: TapStage }
  /** The terminal answers with ESC EOT, after a response code if one is given, then hangs up. */
  | { readonly type: 'disconnect'; readonly at: TapStage; readonly code?: number }
  /** The terminal drops the connection instead of answering. */
  | { readonly type: 'drop'; readonly at: TapStage }
  /** The terminal answers with bytes that are not TAP. */
  | { readonly type: 'garbage'; readonly at: TapStage }
  /**
   * The terminal sends this number of NAKs to log-ons or blocks, even to good ones (`Infinity`:
   * always).
   */
  | { readonly type: 'nak'; readonly at: 'logon' | 'block'; readonly times: number; readonly code?: number }
  /**
   * The terminal answers RS to each page, or only to those for one pager, `times` times (default:
   * always).
   */
  | { readonly type: 'rs'; readonly code?: number; readonly pager?: string; readonly times?: number }
  /** The terminal accepts each page and takes it back at the end of the call. */
  | { readonly type: 'lateRejection'; readonly code?: number }
  /** The terminal begins its answer to a block with a response code and stops there. */
  | { readonly type: 'halfAnswer' }
  /**
   * The terminal accepts the page and drops the connection instead of answering, this number of
   * times.
   */
  | { readonly type: 'vanishAfterAccepting'; readonly times: number }
  | { readonly type: 'ackTwice' }
  /** The terminal sends no `ID=` and accepts the log-on without it. */
  | { readonly type: 'noId' }
  /** The terminal sends lines of its own text before each answer. */
  | { readonly type: 'chatter' }
  /**
   * Bit 7 of each byte it sends is odd parity, as on a line at 7O1 that is read with eight data
   * bits.
   */
  | { readonly type: 'oddParity' }
  /** Delay of each answer. */
  | { readonly type: 'slow'; readonly ms: number };

/** The kind of terminal. */
export interface TapTraits {
  /** Text before `ID=`. Default none. */
  readonly banner: string;
  /** End of a line. Default CR. */
  readonly lineEnd: '\r' | '\n' | '\r\n' | '\n\r';
  /** Text after `ID=`. Default none, as with many terminals. */
  readonly afterId: '' | '\r' | '\r\n';
  /** True if it sends `ID=` as soon as a client connects (TCP). Default false. */
  readonly asksFirst: boolean;
  /** True if it sends response codes (TAP 1.8; before 1.6 there were none). Default true. */
  readonly codes: boolean;
  /** True if it only accepts transactions of one block. Default false. */
  readonly oneBlock: boolean;
  /** Number of pages after which it ends the call. Default 100. */
  readonly pagesPerCall: number;
  /** Password that the log-on must give. Default: none. */
  readonly password: string;
  /** Pagers that it knows. Empty for all. */
  readonly pagers: readonly string[];
  /** Parity of its bytes in bit 7, as a line read with eight data bits shows it. Default 'none'. */
  readonly parity: 'none' | 'mark' | 'even' | 'odd';
  /** True if it sends no `ID=` and accepts the log-on without it. Default false. */
  readonly noId: boolean;
  /** True if it hangs up on EOT without an answer. Default false. */
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
