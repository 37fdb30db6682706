/** How the simulated receiving station treats what it hears from now on. */
export type RadioBehaviour =
  | { readonly type: 'normal' }
  /** Hears nothing. */
  | { readonly type: 'deaf' }
  /** Accepts, and acknowledges so late. */
  | { readonly type: 'slowAck'; readonly ms: number }
  | { readonly type: 'ackTwice' }
  /** Acknowledges a message nobody sent. */
  | { readonly type: 'wrongId' }
  /** Acknowledges under a call sign that is not its own. */
  | { readonly type: 'wrongSource'; readonly callsign: string }
  /** Acknowledges the message to another station than the one that sent it. */
  | { readonly type: 'wrongAddressee'; readonly callsign: string }
  /** Refuses so many messages (`Infinity`: all), then normal. What is refused is not shown. */
  | { readonly type: 'rej'; readonly times: number }
  /** Refuses the first copy of each message, as a station whose memory is full for a moment. */
  | { readonly type: 'rejFirst' }
  /** Does not hear the first copy of each message. */
  | { readonly type: 'missFirst' }
  /** Acknowledges with a reply-ack: `ack0045}AB` (APRS 1.1). */
  | { readonly type: 'replyAck' }
  /** Writes the number without its leading zeros, and ends the frame with CR and LF. */
  | { readonly type: 'shortNumber' }
  /**
   * Its acknowledgements come by an igate, which heard them on the internet:
   * `}N0CALL-1>APRS,TCPIP,IGATE*::…`.
   */
  | { readonly type: 'ackByIgate'; readonly igate: string }
  /** Acknowledges a copy only if it has acknowledged none for 30 s (APRS 1.0.1, chapter 14). */
  | { readonly type: 'ackEvery30s' }
  /** Accepts and shows the next message, and is never heard again. */
  | { readonly type: 'vanishAfterAccepting' }
  /** Accepts and shows; the acknowledgements of so many copies are lost, then normal. */
  | { readonly type: 'ackLost'; readonly times: number };
