import { asciiToBytes } from '../../../protocol/bytes.ts';
import { explain } from '../../../protocol/sms/at-errors.ts';
import {
  type AtError,
  ERROR_STYLE,
  FUNCTIONALITY,
  REGISTRATION,
  type Registration,
  registrationOf,
  SIGNAL,
} from '../../../protocol/sms/at-lines.ts';
import type { AtAnswer, AtDialogue } from './at-dialogue.ts';
import type { SmsSettings } from './settings.ts';
import { SimCard } from './sim-card.ts';
import { failed, refusal, type SmsTrouble, silent } from './sms-trouble.ts';
import type { SmsTimes } from './times.ts';

/** What is handed to the modem at once: a message in text mode, or a part of one in PDU mode. */
export type MessagePart =
  | { readonly type: 'text'; readonly text: Uint8Array }
  | { readonly type: 'pdu'; readonly length: number; readonly pdu: string };

/** What the driver wants to know about a message under way. */
interface MessageEvents {
  /** Called when the modem is ready for the text: is the text still wanted? */
  wanted(): boolean;
  /** The text was handed to the modem. */
  handed(): void;
  /** The centre's answer came after it was given up. */
  late(accepted: boolean): void;
}

/** Tries of a question that only shows whether the modem listens. */
const SYNC_TRIES = 3;

/**
 * Text mode in the modem's own alphabet. A message is an SMS-SUBMIT (17), valid for 24 hours (167),
 * without a special protocol, in the GSM alphabet (3GPP TS 27.005 §3.2.3, TS 23.040 §9.2.3.12.1).
 */
const SET_UP = ['AT+CMGF=1', 'AT+CSCS="GSM"', 'AT+CSMP=17,167,0,0'] as const;

/** Sets a modem up, asks it questions and gives it messages. One call at a time. */
export class Modem {
  readonly #at: AtDialogue;
  readonly #sim: SimCard;
  readonly #settings: Pick<SmsSettings, 'pin' | 'init'>;
  readonly #times: SmsTimes;
  #isSetUp = false;
  #mode: 'text' | 'pdu' = 'text';
  /** Why a command of the site was refused. */
  #initTrouble: string | undefined;
  /**
   * The modem may be busy, or may have restarted silently. It is asked a test question before
   * anything else.
   */
  #inDoubt = true;

  constructor(at: AtDialogue, settings: Pick<SmsSettings, 'pin' | 'init'>, times: SmsTimes) {
    this.#at = at;
    this.#sim = new SimCard(at, settings.pin, times);
    this.#settings = settings;
    this.#times = times;
  }

  get isReady(): boolean {
    return this.#isSetUp && !this.#inDoubt;
  }

  /** It has lost its setup, or it is another modem. */
  forget(): void {
    this.#isSetUp = false;
    this.#inDoubt = true;
  }

  /** An answer was given up: it may still come. */
  doubt(): void {
    this.#inDoubt = true;
  }

  /**
   * Ensures that it listens and is set up.
   *
   * @returns why it is not
   */
  async ready(): Promise<SmsTrouble | undefined> {
    if (this.#inDoubt) {
      const trouble = await this.#sync();
      if (trouble !== undefined) return trouble;
      this.#inDoubt = false;
    }
    return this.#isSetUp ? undefined : this.#setUp();
  }

  /** True if it is registered in a network that would accept a message. */
  async network(): Promise<SmsTrouble | undefined> {
    this.#inDoubt = true;
    const trouble = await this.ready();
    if (trouble !== undefined) return trouble;
    // Circuit-switched first, then LTE: a modem that knows both may be registered in either.
    const circuit = await this.#registration('AT+CREG?');
    if (typeof circuit !== 'string') return circuit;
    if (isRegistered(circuit)) return this.#initFailed();
    const packet = await this.#registration('AT+CEREG?');
    if (typeof packet !== 'string') return packet;
    if (isRegistered(packet)) return this.#initFailed();
    return { reason: 'unreachable', words: await this.#withoutNetwork(circuit), cause: 'network' };
  }

  /**
   * @returns `undefined`: the centre has accepted it. `'unwanted'`: it was not handed to the modem.
   */
  async message(
    number: string,
    part: MessagePart,
    events: MessageEvents,
  ): Promise<SmsTrouble | 'unwanted' | undefined> {
    const { promptMs, centreMs } = this.#times;
    const refused = await this.#enterMode(part.type);
    if (refused !== undefined) return refused;
    const command = part.type === 'text' ? `AT+CMGS="${number}"` : `AT+CMGS=${part.length}`;
    const prompt = await this.#at.askForPrompt(command, promptMs);
    if (prompt.type !== 'ok') return this.#messageFailed(prompt, 'the modem does not ask for the text');
    if (!events.wanted()) {
      this.#at.escape();
      this.#inDoubt = true;
      return 'unwanted';
    }
    const answer = this.#at.text(part.type === 'text' ? part.text : asciiToBytes(part.pdu), centreMs, events.late);
    events.handed();
    const given = await answer;
    if (given.type === 'ok') return undefined;
    return this.#messageFailed(given, 'the SMS centre has not answered yet');
  }

  /** In text mode only the GSM alphabet works alike with every modem. UCS-2 uses PDU mode. */
  async #enterMode(mode: 'text' | 'pdu'): Promise<SmsTrouble | undefined> {
    if (this.#mode === mode) return undefined;
    const command = mode === 'text' ? 'AT+CMGF=1' : 'AT+CMGF=0';
    const answer = await this.#at.ask(command, this.#times.answerMs);
    if (answer.type === 'ok') this.#mode = mode;
    else if (answer.type === 'error') return refusal(command, answer.error);
    else return this.#lostIt(answer);
    return undefined;
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
    // Refused for its form or without a reason: the modem may have restarted and be in another
    // mode.
    if (cause === 'modem' || cause === 'sim') this.forget();
    return failed(cause, words);
  }

  /**
   * Asks a question that can't fail and whose answer is unlike any other. Once it is answered,
   * everything before it is over. It also reveals a modem that restarted silently: that one gives
   * errors without numbers.
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
    const { init = [] } = this.#settings;
    this.#initTrouble = undefined;
    await this.#setAnswerStyle();
    const needSim = await this.#initialise(init);
    // The site's commands may have reset it.
    if (init.length > 0) await this.#setAnswerStyle();
    const trouble = (await this.#switchOn()) ?? (await this.#unlock());
    if (trouble !== undefined) return trouble;
    for (const { command, error } of await this.#initialise(needSim.map(({ command }) => command))) {
      this.#initTrouble ??= initRefused(command, error);
    }
    for (const command of SET_UP) {
      const answer = await this.#at.ask(command, this.#times.answerMs);
      if (answer.type === 'error') return refusal(command, answer.error);
      if (answer.type !== 'ok') return this.#lostIt(answer);
    }
    this.#mode = 'text';
    this.#isSetUp = true;
    return undefined;
  }

  /**
   * No echo, text result codes, numeric errors. A modem without numbers reports errors in its own
   * way.
   */
  async #setAnswerStyle(): Promise<void> {
    await this.#at.ask('ATE0V1', this.#times.answerMs);
    await this.#at.ask('AT+CMEE=1', this.#times.answerMs);
  }

  /**
   * A refused command does not stop an alarm, which may still get through. Polls report the
   * refusal.
   *
   * @returns those that need the SIM card first
   */
  async #initialise(commands: readonly string[]): Promise<Refused[]> {
    const needSim: Refused[] = [];
    for (const command of commands) {
      const answer = await this.#at.ask(command, this.#times.initMs);
      if (answer.type !== 'error') continue;
      const { error } = answer;
      if (explain(error).cause === 'sim') needSim.push({ command, error });
      else this.#initTrouble ??= initRefused(command, error);
    }
    return needSim;
  }

  #initFailed(): SmsTrouble | undefined {
    return this.#initTrouble === undefined ? undefined : failed('modem', this.#initTrouble);
  }

  /** A modem may start with its radio off (+CFUN: 0 or 4, 3GPP TS 27.007 §8.2). */
  async #switchOn(): Promise<SmsTrouble | undefined> {
    const state = await this.#at.ask('AT+CFUN?', this.#times.answerMs, FUNCTIONALITY);
    if (state.type === 'silent' || state.type === 'gone') return this.#lostIt(state);
    // A modem that does not know the command has nothing to switch.
    if (state.type !== 'ok' || (state.found !== '0' && state.found !== '4')) return undefined;
    const answer = await this.#at.ask('AT+CFUN=1', this.#times.switchOnMs);
    if (answer.type === 'ok') return undefined;
    if (answer.type !== 'error') return this.#lostIt(answer);
    const why = `its radio is off (+CFUN: ${state.found}) and stays off: ${refusal('AT+CFUN=1', answer.error).words}`;
    return failed('modem', `${why}. Is its flight mode pin set?`);
  }

  async #unlock(): Promise<SmsTrouble | undefined> {
    const trouble = await this.#sim.unlock();
    if (trouble !== undefined) this.#inDoubt = true;
    return trouble;
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

function isRegistered(state: Registration): boolean {
  return state === 'home' || state === 'roaming';
}

interface Refused {
  readonly command: string;
  readonly error: AtError;
}

function initRefused(command: string, error: AtError): string {
  return `${refusal(command, error).words}: check init: in site.yaml`;
}
