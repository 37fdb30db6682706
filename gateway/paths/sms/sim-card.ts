import { explain, isSimBusy } from '../../../protocol/sms/at-errors.ts';
import { PIN_STATE, PIN_TRIES, PIN_TRIES_OF_CARD } from '../../../protocol/sms/at-lines.ts';
import type { AtAnswer, AtDialogue } from './at-dialogue.ts';
import { failed, type SmsTrouble, silent } from './sms-trouble.ts';
import type { SmsTimes } from './times.ts';

/**
 * A SIM card with all its tries has at least this many. A wrong PIN costs one; the right one
 * restores all.
 */
const FULL_TRIES = 3;
/** Number of questions about its state while it starts. */
const STATE_TRIES = 6;

/**
 * The SIM card of a modem, and its PIN, which is entered once at most, because the third wrong one
 * locks the card.
 */
export class SimCard {
  readonly #at: AtDialogue;
  readonly #pin: string | undefined;
  readonly #times: SmsTimes;
  /** The card has refused the PIN. */
  #pinFailed = false;

  constructor(at: AtDialogue, pin: string | undefined, times: SmsTimes) {
    this.#at = at;
    this.#pin = pin;
    this.#times = times;
  }

  /** Asked again while the card starts: after power-on, or after the radio was switched on. */
  async #state(): Promise<AtAnswer> {
    for (let tries = 1; ; tries++) {
      const state = await this.#at.ask('AT+CPIN?', this.#times.answerMs, PIN_STATE);
      const starts =
        (state.type === 'error' && isSimBusy(state.error)) || (state.type === 'ok' && state.found === 'NOT READY');
      if (!starts || tries === STATE_TRIES) return state;
      await new Promise((resolve) => setTimeout(resolve, this.#times.simMs));
    }
  }

  /** @returns why it is locked */
  async unlock(): Promise<SmsTrouble | undefined> {
    const state = await this.#state();
    if (state.type === 'error') return failed('sim', explain(state.error).words);
    if (state.type !== 'ok') return lost(state);
    switch (state.found?.trim()) {
      case 'READY':
        this.#pinFailed = false;
        return undefined;
      case 'SIM PIN':
        return this.#enterPin();
      case 'SIM PUK':
        return failed('sim', 'the SIM card is locked and asks for its PUK: unlock it in a phone');
      case 'NOT READY':
        return failed('sim', 'the SIM card is not ready: is it inserted well?');
      case 'NOT INSERTED':
        return failed('sim', 'no SIM card is in the modem: insert one');
      default:
        return failed('sim', `the SIM card is locked: it asks for ${state.found ?? ''}`);
    }
  }

  /** Only if no wrong PIN was entered before, here or elsewhere: the third locks the card. */
  async #enterPin(): Promise<SmsTrouble | undefined> {
    const pin = this.#pin;
    if (pin === undefined) {
      return failed('sim', 'the SIM card asks for its PIN: write pin: true, and the PIN into keys.yaml');
    }
    if (!/^\d{4,8}$/.test(pin)) {
      return failed('sim', 'the PIN in keys.yaml is not 4 to 8 digits: write it as it came with the card');
    }
    if (this.#pinFailed) return failed('sim', WRONG_PIN);
    const tries = await this.#pinTries();
    if (typeof tries !== 'number') return tries;
    if (tries < FULL_TRIES) {
      return failed('sim', `a wrong PIN was entered before (${tries} tries left), so none is tried: ${RIGHT_PIN}`);
    }
    const answer = await this.#at.ask(`AT+CPIN="${pin}"`, this.#times.pinMs);
    if (answer.type === 'ok') return undefined;
    if (answer.type !== 'error') return lost(answer);
    if (isSimBusy(answer.error)) return failed('sim', explain(answer.error).words);
    this.#pinFailed = true;
    return failed('sim', WRONG_PIN);
  }

  async #pinTries(): Promise<number | SmsTrouble> {
    const { answerMs } = this.#times;
    const standard = await this.#at.ask('AT+CPINR="SIM PIN"', answerMs, PIN_TRIES);
    if (standard.type === 'ok') return Number(standard.found);
    if (standard.type !== 'error') return lost(standard);
    // VERIFY without a PIN: the card reports the remaining tries, and uses none (ETSI TS 102 221
    // §11.1.9).
    const card = await this.#at.ask('AT+CSIM=10,"0020000100"', answerMs, PIN_TRIES_OF_CARD);
    if (card.type === 'ok') return Number.parseInt(card.found ?? '0', 16);
    if (card.type === 'gone') return lost(card);
    const words = 'the modem does not tell how many tries for the PIN are left, so none is tried';
    return failed('sim', `${words}: take the PIN off the SIM card with a phone`);
  }
}

const RIGHT_PIN = 'put the SIM card into a phone, enter the right PIN there and write it into keys.yaml';
const WRONG_PIN = `the SIM card refuses the PIN in keys.yaml, which is not tried again: ${RIGHT_PIN}`;

function lost(answer: AtAnswer): SmsTrouble {
  return silent(answer, 'the modem stopped answering');
}
