/** How the simulated modem, its SIM card and its network behave from now on. */
export type ModemBehaviour =
  | { readonly type: 'normal' }
  /** The modem is not registered: messages fail with CMS error 331. */
  | { readonly type: 'noNetwork' }
  /** It says that it is registered nowhere; messages to it fail the first time, and go out then. */
  | { readonly type: 'failPolls'; readonly first: string }
  | { readonly type: 'noSim' }
  /** The modem reads and does not answer. */
  | { readonly type: 'silent' }
  | { readonly type: 'promptLate'; readonly ms: number }
  /**
   * The centre answers this time later. Meanwhile the modem reads no commands (V.250 §5.6). With
   * `deaf: false` it answers them in between, as some modems do.
   */
  | { readonly type: 'resultLate'; readonly ms: number; readonly deaf: boolean }
  /** This number of messages (`Infinity`: all) gets this error and is not sent. */
  | { readonly type: 'error'; readonly error: string; readonly times: number }
  /** Messages to this number get this error and are not sent. */
  | { readonly type: 'refuseNumber'; readonly number: string; readonly error: string }
  /** The plug is pulled after the prompt, or after the text. The text is sent only if `sends`. */
  | { readonly type: 'unplug'; readonly at: 'prompt' | 'text'; readonly sends: boolean }
  /** The plug is pulled as soon as a message has been answered. */
  | { readonly type: 'acceptThenVanish' }
  /**
   * The modem restarts when the text is in and does not send it: garbage comes, then echo and PDU
   * mode are on. `says` is its start message, which may be empty.
   */
  | { readonly type: 'resetAtText'; readonly says: string }
  /** The modem writes unsolicited lines between all its lines. */
  | { readonly type: 'chatter' }
  /**
   * The modem writes its lines in its own form: with blanks around colons and commas, with LF only
   * and NUL between letters, or with noise and boot messages before each.
   */
  | { readonly type: 'spelling'; readonly how: 'blanks' | 'nul' | 'noise' }
  /** The modem echoes on despite ATE0. */
  | { readonly type: 'echoStays' }
  /** The radio is off (+CFUN: 0 or 4) until AT+CFUN=1, which the modem accepts only if `allows`. */
  | { readonly type: 'radioOff'; readonly functionality: 0 | 4; readonly allows: boolean }
  /** The SIM card requires this PIN from now on and has forgotten any earlier entry. */
  | { readonly type: 'wantsPin'; readonly pin: string };
