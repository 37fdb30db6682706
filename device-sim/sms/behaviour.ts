/** How the simulated modem, its SIM card and its network behave from now on. */
export type ModemBehaviour =
  | { readonly type: 'normal' }
  /** Registered nowhere: messages fail with CMS error 331. */
  | { readonly type: 'noNetwork' }
  | { readonly type: 'noSim' }
  /** Reads, and says nothing. */
  | { readonly type: 'silent' }
  | { readonly type: 'promptLate'; readonly ms: number }
  /**
   * The centre answers so much later. Meanwhile the modem reads no commands, as V.250 §5.6 has it;
   * `deaf: false`: it answers them in between, as some do.
   */
  | { readonly type: 'resultLate'; readonly ms: number; readonly deaf: boolean }
  /** So many messages (`Infinity`: all) are answered with this error instead; they are not sent. */
  | { readonly type: 'error'; readonly error: string; readonly times: number }
  /** Messages to this number are answered with this error; they are not sent. */
  | { readonly type: 'refuseNumber'; readonly number: string; readonly error: string }
  /**
   * The plug is pulled when the prompt is out, or when the text is in, which is sent only if
   * `sends`.
   */
  | { readonly type: 'unplug'; readonly at: 'prompt' | 'text'; readonly sends: boolean }
  /** The plug is pulled as soon as a message was answered. */
  | { readonly type: 'acceptThenVanish' }
  /**
   * It starts anew when the text is in, which is not sent: garbage, then echo and PDU mode. `says`:
   * what it says of that; nothing at all if it is empty.
   */
  | { readonly type: 'resetAtText'; readonly says: string }
  /** Unsolicited lines between everything it says. */
  | { readonly type: 'chatter' }
  /**
   * It writes its lines in its own way: blanks around colons and commas, LF only with NUL between
   * letters, or noise and boot messages before each.
   */
  | { readonly type: 'spelling'; readonly how: 'blanks' | 'nul' | 'noise' }
  /** It goes on echoing, whatever ATE0 says. */
  | { readonly type: 'echoStays' }
  /** Its radio is off (+CFUN: 0 or 4) until AT+CFUN=1, which it takes only if `allows`. */
  | { readonly type: 'radioOff'; readonly functionality: 0 | 4; readonly allows: boolean }
  /** The SIM card wants this PIN from now on, and has forgotten any it was given. */
  | { readonly type: 'wantsPin'; readonly pin: string };
