import { asciiToBytes, concatBytes } from '../../../protocol/bytes.ts';
import {
  type AtError,
  finalResult,
  isMessageReference,
  saysItStarted,
  saysSimLost,
} from '../../../protocol/sms/at-lines.ts';
import { AtScanner } from '../../../protocol/sms/at-scanner.ts';

const ESC = Uint8Array.of(0x1b);
const CTRL_Z = Uint8Array.of(0x1a);

export type AtAnswer =
  /** `found`: the line that the question looked for. */
  | { readonly type: 'ok'; readonly found?: string }
  | { readonly type: 'error'; readonly error: AtError }
  /** No answer came in time, or nothing waits for it any more. */
  | { readonly type: 'silent' }
  /** An answer came that may belong to an earlier message, and no second one. */
  | { readonly type: 'unsure' }
  /** The port was lost, or the modem has restarted. */
  | { readonly type: 'gone'; readonly detail: string };

interface Question {
  readonly waitsFor: 'result' | 'prompt' | 'reference';
  /** The answer is incomplete without such a line. Its first group is what is found. */
  readonly info: RegExp | undefined;
  /** Called with a message's answer that comes after the message was given up. */
  readonly late: ((accepted: boolean) => void) | undefined;
  readonly resolve: (answer: AtAnswer) => void;
  found?: string;
  /** A message: the centre has given its reference. */
  referred?: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Messages that were given up, and whose answers may still come. */
interface Owed {
  answers: number;
  /** For the only one. With several, the answer can't be attributed. */
  late: ((accepted: boolean) => void) | undefined;
  referred: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Waits in ms. */
export interface AtTimes {
  /** For the second of two answers, when the first may be an earlier message's. */
  readonly secondMs: number;
  /** After a message was given up, its answer is still accepted for this long. */
  readonly centreMs: number;
}

interface AtEvents {
  /** The modem has lost its setup. */
  started(): void;
}

/**
 * Asks a modem one question at a time, and finds the lines that answer it. Other lines may come at
 * any time: unsolicited ones, echoes, the end of an answer that was given up.
 *
 * A message's answer names no message. So an answer to a message that was given up may still come.
 * If it comes before another message is handed over, `late` gets it. After that the first answer
 * may belong to either message. It counts for neither, unless a second answer follows.
 */
export class AtDialogue {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #events: AtEvents;
  readonly #times: AtTimes;
  readonly #scanner = new AtScanner();
  #question: Question | undefined;
  #owed: Owed | undefined;
  /** Why no modem can be asked. */
  #closed: string | undefined;

  constructor(write: (bytes: Uint8Array) => void, events: AtEvents, times: AtTimes) {
    this.#write = write;
    this.#events = events;
    this.#times = times;
  }

  /** A message was given up whose answer may still come. */
  get owesAnswer(): boolean {
    return this.#owed !== undefined;
  }

  /** @param info a line without which `OK` is the end of an earlier answer */
  ask(command: string, limitMs: number, info?: RegExp): Promise<AtAnswer> {
    return this.#begin('result', asciiToBytes(`${command}\r`), limitMs, info);
  }

  /** A command that the modem answers by asking for a text. */
  askForPrompt(command: string, limitMs: number): Promise<AtAnswer> {
    return this.#begin('prompt', asciiToBytes(`${command}\r`), limitMs);
  }

  /**
   * The text that the modem has asked for.
   *
   * @param late called at most once, after this was answered `silent` or `unsure`
   */
  text(text: Uint8Array, limitMs: number, late: (accepted: boolean) => void): Promise<AtAnswer> {
    return this.#begin('reference', concatBytes(text, CTRL_Z), limitMs, undefined, late);
  }

  /** Takes back a command while the modem waits for its text. */
  escape(): void {
    this.#write(ESC);
  }

  /** Waits no longer for the answer. */
  giveUp(): void {
    if (this.#question !== undefined) this.#expire(this.#question);
  }

  /** A modem can be asked. */
  open(): void {
    this.#closed = undefined;
  }

  /** The port was lost. Each question until `open` is answered at once. */
  close(detail: string): void {
    this.#closed = detail;
    this.over(detail);
  }

  /** Everything before is over: the modem has restarted. */
  over(detail: string): void {
    this.#scanner.reset();
    this.#oweNothing();
    this.#answer({ type: 'gone', detail });
  }

  bytes(chunk: Uint8Array): void {
    for (const item of this.#scanner.push(chunk)) {
      if (item.type === 'line') this.#line(item.text);
      else if (this.#question?.waitsFor === 'prompt') this.#answer({ type: 'ok' });
      // No text waits for this prompt. The next write would be sent as a message.
      else if (this.#question?.waitsFor !== 'reference') this.escape();
    }
  }

  #begin(
    waitsFor: Question['waitsFor'],
    bytes: Uint8Array,
    limitMs: number,
    info?: RegExp,
    late?: Question['late'],
  ): Promise<AtAnswer> {
    if (this.#closed !== undefined) return Promise.resolve({ type: 'gone', detail: this.#closed });
    return new Promise((resolve) => {
      const question: Question = { waitsFor, info, late, resolve, timer: undefined };
      question.timer = setTimeout(() => this.#expire(question), limitMs);
      this.#question = question;
      this.#write(bytes);
    });
  }

  #line(line: string): void {
    if (saysItStarted(line)) {
      this.over('the modem has started anew: is its supply sound?');
      this.#events.started();
      return;
    }
    if (saysSimLost(line)) this.#events.started();
    if (isMessageReference(line)) this.#reference();
    const found = this.#question?.info?.exec(line);
    if (found !== null && found !== undefined && this.#question !== undefined) this.#question.found ??= found[1] ?? '';
    const result = finalResult(line);
    if (result === undefined) return;
    if (result.ok) this.#ok();
    else this.#error(result.error);
  }

  #reference(): void {
    if (this.#owed !== undefined && !this.#owed.referred) this.#owed.referred = true;
    else if (this.#question?.waitsFor === 'reference') this.#question.referred = true;
  }

  #ok(): void {
    if (this.#owed?.referred === true) {
      this.#settleOwed(true);
      return;
    }
    const question = this.#question;
    if (question === undefined || question.waitsFor === 'prompt') return;
    if (question.waitsFor === 'reference' && question.referred !== true) return;
    if (question.info !== undefined && question.found === undefined) return;
    this.#answer(question.found === undefined ? { type: 'ok' } : { type: 'ok', found: question.found });
  }

  #error(error: AtError): void {
    const isOfMessage = error.family === 'CMS';
    if (this.#owed !== undefined && isOfMessage) this.#settleOwed(false);
    else this.#answer({ type: 'error', error });
  }

  #settleOwed(accepted: boolean): void {
    const owed = this.#owed;
    if (owed === undefined) return;
    owed.answers -= 1;
    owed.referred = false;
    if (owed.answers === 0) this.#oweNothing();
    const question = this.#question;
    if (question?.waitsFor !== 'reference') {
      owed.late?.(accepted);
      return;
    }
    // It may belong to the newer message just as well. If that one gets an answer of its own,
    // neither is in doubt.
    clearTimeout(question.timer);
    question.timer = setTimeout(() => this.#answer({ type: 'unsure' }), this.#times.secondMs);
  }

  #expire(question: Question): void {
    if (this.#question !== question) return;
    if (question.waitsFor === 'prompt') this.escape();
    if (question.late !== undefined) this.#owe(question.late, question.referred === true);
    this.#answer({ type: 'silent' });
  }

  #owe(late: (accepted: boolean) => void, referred: boolean): void {
    this.#owed ??= { answers: 0, late, referred, timer: undefined };
    this.#owed.answers += 1;
    if (this.#owed.answers > 1) this.#owed.late = undefined;
    clearTimeout(this.#owed.timer);
    this.#owed.timer = setTimeout(() => this.#oweNothing(), this.#times.centreMs);
  }

  #oweNothing(): void {
    clearTimeout(this.#owed?.timer);
    this.#owed = undefined;
  }

  #answer(answer: AtAnswer): void {
    const question = this.#question;
    if (question === undefined) return;
    this.#question = undefined;
    clearTimeout(question.timer);
    question.resolve(answer);
  }
}
