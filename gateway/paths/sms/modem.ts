import { type Explained, explain, isSimBusy } from '../../../protocol/sms/at-errors.ts';
import {
  ERROR_STYLE,
  PIN_STATE,
  PIN_TRIES,
  PIN_TRIES_OF_CARD,
  REGISTRATION,
  type Registration,
  registrationOf,
  SIGNAL,
} from '../../../protocol/sms/at-lines.ts';
import type { FailureReason } from '../../core/report.ts';
import type { AtAnswer, AtDialogue } from './at-dialogue.ts';
import type { SmsTimes } from './times.ts';

/** Why something did not succeed. */
export interface SmsTrouble {
  readonly reason: FailureReason;
  /** Plain words, with what a person can do. */
  readonly words: string;
  /** `silence`: of the modem or the port; nothing further will succeed now. */
  readonly cause: Explained['cause'] | 'silence';
}

/** How a message is followed on its way. */
export interface MessageEvents {
  /** Asked when the modem is ready for the text: is it still wanted? */
  wanted(): boolean;
  /** The text was handed to the modem. */
  handed(): void;
  /** The centre's answer came after it was given up. */
  late(taken: boolean): void;
}

/** Tries for questions that only find out whether it listens. */
const SYNC_TRIES = 3;
/** A SIM card that has all its tries left has at least as many; a wrong PIN takes one, the right one gives all back. */
const FULL_TRIES = 3;

/**
 * SMS-SUBMIT, valid for 24 hours (167), no special protocol, GSM alphabet (3GPP TS 27.005 §3.2.3, TS 23.040 §9.2.3.12.1). Text mode,
 * its characters as the modem's own alphabet has them.
 */
const SET_UP = ['AT+CMGF=1', 'AT+CSCS="GSM"', 'AT+CSMP=17,167,0,0'] as const;

/** A modem as it is set up, asked and given messages. One call at a time. */
export class Modem {
  readonly #at: AtDialogue;
  readonly #pin: string | undefined;
  readonly #times: SmsTimes;
  #isSetUp = false;
  /** It may be in the middle of something, or have started anew without a word: nothing is believed before it has answered. */
  #inDoubt = true;
  /** The SIM card has refused the PIN. */
  #pinFailed = false;

  constructor(at: AtDialogue, pin: string | undefined, times: SmsTimes) {
    this.#at = at;
    this.#pin = pin;
    this.#times = times;
  }

  get isReady(): boolean {
    return this.#isSetUp && !this.#inDoubt;
  }

  /** It has forgotten how it was set up, or is another one. */
  forget(): void {
    this.#isSetUp = false;
    this.#inDoubt = true;
  }

  /** An answer was given up: it may still come. */
  doubt(): void {
    this.#inDoubt = true;
  }

  /** Sees that it listens and is set up. @returns why it is not */
  async ready(): Promise<SmsTrouble | undefined> {
    if (this.#inDoubt) {
      const trouble = await this.#sync();
      if (trouble !== undefined) return trouble;
      this.#inDoubt = false;
    }
    return this.#isSetUp ? undefined : this.#setUp();
  }

  /** Is it registered in a network that would take a message? */
  async network(): Promise<SmsTrouble | undefined> {
    this.#inDoubt = true;
    const trouble = await this.ready();
    if (trouble !== undefined) return trouble;
    // Circuit-switched first, then LTE: a modem that knows both may be registered in either.
    const circuit = await this.#registration('AT+CREG?');
    if (typeof circuit !== 'string') return circuit;
    if (isRegistered(circuit)) return undefined;
    const packet = await this.#registration('AT+CEREG?');
    if (typeof packet !== 'string') return packet;
    if (isRegistered(packet)) return undefined;
    return { reason: 'unreachable', words: await this.#withoutNetwork(circuit), cause: 'network' };
  }

  /**
   * @param text as `gsmBytes` makes it
   * @returns `undefined`: the centre has taken it. `'unwanted'`: it was not handed to the modem.
   */
  async message(number: string, text: Uint8Array, events: MessageEvents): Promise<SmsTrouble | 'unwanted' | undefined> {
    const { promptMs, centreMs } = this.#times;
    const prompt = await this.#at.askForPrompt(`AT+CMGS="${number}"`, promptMs);
    if (prompt.type !== 'ok') return this.#messageFailed(prompt, 'the modem does not ask for the text');
    if (!events.wanted()) {
      this.#at.escape();
      this.#inDoubt = true;
      return 'unwanted';
    }
    const answer = this.#at.text(text, centreMs, events.late);
    events.handed();
    const given = await answer;
    if (given.type === 'ok') return undefined;
    return this.#messageFailed(given, 'the SMS centre has not answered yet');
  }

  #messageFailed(answer: AtAnswer, silence: string): SmsTrouble {
    if (answer.type === 'unsure') {
      const words = 'an answer came that may be an earlier message’s';
      return { reason: 'protocolError', words, cause: 'network' };
    }
    if (answer.type !== 'error') {
      this.#inDoubt = true;
      return silent(answer, silence);
    }
    const { cause, words } = explain(answer.error);
    // Refused for its form or without a reason: it may have started anew and be in another mode.
    if (cause === 'modem' || cause === 'sim') this.forget();
    return failed(cause, words);
  }

  /**
   * A question that can't fail and whose answer is like no other: whatever was under way before is over when it is answered. It also
   * shows a modem that has started anew without a word, since that one gives errors without numbers.
   */
  async #sync(): Promise<SmsTrouble | undefined> {
    for (let tries = 0; tries < SYNC_TRIES; tries++) {
      const answer = await this.#at.ask('AT+CMEE?', this.#times.answerMs, ERROR_STYLE);
      if (answer.type === 'gone') return silent(answer, '');
      if (answer.type === 'silent') {
        // It may wait for a text. While a message is under way it is only slow.
        if (!this.#at.owesAnswer) this.#at.escape();
        continue;
      }
      if (this.#isSetUp && (answer.type !== 'ok' || answer.found !== '1')) this.#hasStartedAnew();
      return undefined;
    }
    const words = this.#at.owesAnswer
      ? 'the modem is still busy with a message'
      : 'the modem does not answer: is this its port, and the baud rate right? Cut its supply for a moment';
    return { reason: 'unreachable', words, cause: 'silence' };
  }

  #hasStartedAnew(): void {
    this.#isSetUp = false;
    this.#at.over('the modem has started anew');
  }

  async #setUp(): Promise<SmsTrouble | undefined> {
    // A modem that knows no numbered errors tells them in its own way.
    await this.#at.ask('ATE0V1', this.#times.answerMs);
    await this.#at.ask('AT+CMEE=1', this.#times.answerMs);
    const locked = await this.#unlock();
    if (locked !== undefined) return locked;
    for (const command of SET_UP) {
      const answer = await this.#at.ask(command, this.#times.answerMs);
      if (answer.type === 'error') {
        const { cause, words } = explain(answer.error);
        return failed(cause, `the modem refuses ${command}: ${words}`);
      }
      if (answer.type !== 'ok') return this.#lostIt(answer);
    }
    this.#isSetUp = true;
    return undefined;
  }

  async #unlock(): Promise<SmsTrouble | undefined> {
    const state = await this.#at.ask('AT+CPIN?', this.#times.answerMs, PIN_STATE);
    if (state.type === 'error') return failed('sim', explain(state.error).words);
    if (state.type !== 'ok') return this.#lostIt(state);
    switch (state.found?.trim()) {
      case 'READY':
        this.#pinFailed = false;
        return undefined;
      case 'SIM PIN':
        return this.#enterPin();
      case 'SIM PUK':
        return failed('sim', 'the SIM card is locked and asks for its PUK: unlock it in a phone');
      default:
        return failed('sim', `the SIM card is locked: it asks for ${state.found ?? ''}`);
    }
  }

  /** Only if no wrong one was entered before, here or by anybody: the third locks the card. */
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
    if (answer.type !== 'error') return this.#lostIt(answer);
    if (isSimBusy(answer.error)) return failed('sim', explain(answer.error).words);
    this.#pinFailed = true;
    return failed('sim', WRONG_PIN);
  }

  async #pinTries(): Promise<number | SmsTrouble> {
    const { answerMs } = this.#times;
    const standard = await this.#at.ask('AT+CPINR="SIM PIN"', answerMs, PIN_TRIES);
    if (standard.type === 'ok') return Number(standard.found);
    if (standard.type !== 'error') return this.#lostIt(standard);
    // VERIFY without a PIN: the card says how many tries are left, and takes none away (ETSI TS 102 221 §11.1.9).
    const card = await this.#at.ask('AT+CSIM=10,"0020000100"', answerMs, PIN_TRIES_OF_CARD);
    if (card.type === 'ok') return Number.parseInt(card.found ?? '0', 16);
    if (card.type === 'gone') return this.#lostIt(card);
    this.#inDoubt = true;
    const words = 'the modem does not tell how many tries for the PIN are left, so none is tried';
    return failed('sim', `${words}: take the PIN off the SIM card with a phone`);
  }

  async #registration(command: string): Promise<Registration | SmsTrouble> {
    const answer = await this.#at.ask(command, this.#times.answerMs, REGISTRATION);
    if (answer.type === 'error') return 'none';
    return answer.type === 'ok' ? registrationOf(answer.found) : this.#lostIt(answer);
  }

  async #withoutNetwork(state: Registration): Promise<string> {
    const signal = await this.#at.ask('AT+CSQ', this.#times.answerMs, SIGNAL);
    const strength = signal.type === 'ok' && signal.found !== '99' ? `signal ${signal.found} of 31` : 'no signal';
    const why = { denied: 'the network refuses the SIM card', searching: 'it is searching' }[String(state)];
    const hint = state === 'denied' ? 'is its contract active?' : 'check the antenna';
    return `the modem is in no network (${why === undefined ? '' : `${why}, `}${strength}): ${hint}`;
  }

  #lostIt(answer: AtAnswer): SmsTrouble {
    this.#inDoubt = true;
    return silent(answer, 'the modem stopped answering');
  }
}

const RIGHT_PIN = 'put the SIM card into a phone, enter the right PIN there and write it into keys.yaml';
const WRONG_PIN = `the SIM card refuses the PIN in keys.yaml, which is not tried again: ${RIGHT_PIN}`;

function isRegistered(state: Registration): boolean {
  return state === 'home' || state === 'roaming';
}

function silent(answer: AtAnswer, words: string): SmsTrouble {
  return { reason: 'unreachable', words: answer.type === 'gone' ? answer.detail : words, cause: 'silence' };
}

function failed(cause: Explained['cause'], words: string): SmsTrouble {
  const reason = cause === 'network' ? 'unreachable' : cause === 'modem' ? 'protocolError' : 'refused';
  return { reason, words, cause };
}
