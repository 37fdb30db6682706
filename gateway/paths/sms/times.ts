import type { AtTimes } from './at-dialogue.ts';

/** Waits in ms; tests shorten them. */
export interface SmsTimes extends AtTimes {
  /** For the answer to a command that the modem handles itself. */
  readonly answerMs: number;
  /** For the answer to the PIN, which comes from the SIM card. */
  readonly pinMs: number;
  /** For the answer to a command from the site file (`init:`). */
  readonly initMs: number;
  /** For the answer to AT+CFUN=1: manuals of modems say up to 15 s. */
  readonly switchOnMs: number;
  /** Between two questions about a SIM card that is starting. */
  readonly simMs: number;
  /** For the prompt that asks for the text. */
  readonly promptMs: number;
  /**
   * For the SMS centre's answer to a message. A late answer is accepted for the same time again.
   */
  readonly centreMs: number;
  /** Between tries of the missing numbers, in one attempt. It grows with each try. */
  readonly roundMs: number;
  /** Between tries to set up a modem that is not ready. */
  readonly bringUpMs: number;
}

export const SMS_TIMES: SmsTimes = {
  answerMs: 3_000,
  pinMs: 20_000,
  initMs: 10_000,
  switchOnMs: 20_000,
  simMs: 1_000,
  promptMs: 10_000,
  // 3GPP gives no limit. Manuals of modems say 60 to 120 s in bad coverage.
  centreMs: 60_000,
  secondMs: 20_000,
  roundMs: 3_000,
  bringUpMs: 10_000,
};
