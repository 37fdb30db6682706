/** How the simulated receiving station treats frames from now on. */
export type RadioBehaviour =
  | { readonly type: 'normal' }
  /** The station hears nothing. */
  | { readonly type: 'deaf' }
  /** The station accepts messages and delays its acknowledgements by this time. */
  | { readonly type: 'slowAck'; readonly ms: number }
  | { readonly type: 'ackTwice' }
  /** The station acknowledges a message that no station sent. */
  | { readonly type: 'wrongId' }
  /** The station acknowledges under a call sign that is not its own. */
  | { readonly type: 'wrongSource'; readonly callsign: string }
  /** The station acknowledges the message to a station that did not send it. */
  | { readonly type: 'wrongAddressee'; readonly callsign: string }
  /**
   * The station rejects this number of messages (`Infinity`: all), then is normal again. It does
   * not show a rejected message.
   */
  | { readonly type: 'rej'; readonly times: number }
  /**
   * The station rejects the first copy of each message, like one whose memory is full for a moment.
   */
  | { readonly type: 'rejFirst' }
  /** The station does not hear the first copy of each message. */
  | { readonly type: 'missFirst' }
  /** The station acknowledges with a reply-ack: `ack0045}AB` (APRS 1.1). */
  | { readonly type: 'replyAck' }
  /** The station writes the number without its leading zeros and ends the frame with CR and LF. */
  | { readonly type: 'shortNumber' }
  /**
   * The acknowledgements come through an igate, which got them from the internet:
   * `}N0CALL-1>APRS,TCPIP,IGATE*::…`.
   */
  | { readonly type: 'ackByIgate'; readonly igate: string }
  /**
   * The station acknowledges a copy only if it has not acknowledged one within 30 s (APRS 1.0.1,
   * chapter 14).
   */
  | { readonly type: 'ackEvery30s' }
  /** The station accepts and shows the next message, then is never heard again. */
  | { readonly type: 'vanishAfterAccepting' }
  /**
   * The station accepts and shows messages. The acknowledgements of this number of copies are lost;
   * then it is normal again.
   */
  | { readonly type: 'ackLost'; readonly times: number };
