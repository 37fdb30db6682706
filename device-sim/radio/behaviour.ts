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
  /** Accepts and shows the next message, and is never heard again. */
  | { readonly type: 'vanishAfterAccepting' }
  /** Accepts and shows; the acknowledgements of so many copies are lost, then normal. */
  | { readonly type: 'ackLost'; readonly times: number };
