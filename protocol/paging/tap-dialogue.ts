import { asciiToBytes, concatBytes } from '../bytes.ts';
import { after, earlier, LONG_AGO_MS, type MonoMs } from '../clocks.ts';
import { CR, EOT, ESC } from './control-bytes.ts';
import type { CallEnd, PageVerdict, PagingDialogue } from './paging-dialogue.ts';
import { isLasting, isOfThePage, saysNotNow, type TapNote } from './tap-codes.ts';
import { type TapReply, TapReplyScanner } from './tap-reply.ts';

/**
 * The entry device's timers and counters of TAP 1.8. The terminal's own (t2, t5, n3) and t4 need
 * none here: every answer is sent at once.
 */
export interface TapTimes {
  /** t1: time between two CR that ask for `ID=`. */
  readonly knockMs: number;
  /** n1: number of these CR. */
  readonly knocks: number;
  /** t3: wait for the answer to a log-on, a block or EOT. */
  readonly replyMs: number;
  /** Number of log-ons before giving up. */
  readonly logons: number;
  /** n2: number of repeats of a block. */
  readonly resends: number;
  /**
   * An `ID=` within this time after the log-on was sent before it and does not answer it. After a
   * repeat, answers are also awaited for this time.
   */
  readonly crossingMs: number;
  /**
   * Wait between an answer and the next block. Without it a duplicated answer would count for the
   * next block as well. It is less than t4 = 4 s.
   */
  readonly gapMs: number;
}

export const TAP_TIMES: TapTimes = {
  knockMs: 2_000,
  knocks: 3,
  replyMs: 10_000,
  logons: 3,
  resends: 3,
  crossingMs: 1_000,
  gapMs: 50,
};

interface TapCall {
  /** Password; empty for none. */
  readonly password: string;
  /**
   * True if the terminal asks for the log-on with `ID=`. Otherwise the log-on is sent without
   * waiting for it.
   */
  readonly idPrompt: boolean;
  /**
   * The blocks of each transaction. Without a transaction the call only proves that the terminal is
   * there.
   */
  readonly transactions: readonly (readonly Uint8Array[])[];
}

/** `settling` is the wait between an answer and the next block. */
type Phase = 'knocking' | 'loggingOn' | 'settling' | 'sending' | 'closing';

/** PG stands for paging, 1 for the type of the entry device. */
const LOGON = 'PG1';
/** Number of t3 for which a terminal may ask us to wait. */
const WAITS_MAX = 6;
const NO_ID = 'If it never sends ID=, write idPrompt: false.';
const KNOCK = Uint8Array.of(CR);
/** Ends the call from our side at any point. */
const END_OF_CALL = Uint8Array.of(EOT, CR);

/**
 * One call to a paging terminal as its entry device (TAP 1.8), from the first CR to the terminal's
 * goodbye.
 */
export class TapDialogue implements PagingDialogue {
  readonly farewell = END_OF_CALL;
  readonly #call: TapCall;
  readonly #times: TapTimes;
  readonly #scanner = new TapReplyScanner();
  readonly #verdicts: (PageVerdict | undefined)[];
  #phase: Phase = 'knocking';
  #tries = 0;
  #transaction = 0;
  #block = 0;
  /** Number of unanswered log-ons or blocks. A late answer must not count for the next one. */
  #unanswered = 0;
  #askedMs = LONG_AGO_MS;
  #dueMs = LONG_AGO_MS;
  #note: TapNote | undefined;
  #heardText = false;
  #end: CallEnd | undefined;

  constructor(call: TapCall, times: TapTimes = TAP_TIMES) {
    this.#call = call;
    this.#times = times;
    this.#verdicts = call.transactions.map(() => undefined);
    if (!call.idPrompt) this.#phase = 'loggingOn';
  }

  get end(): CallEnd | undefined {
    return this.#end;
  }

  get dueMs(): MonoMs {
    return this.#dueMs;
  }

  get verdicts(): readonly (PageVerdict | undefined)[] {
    return this.#verdicts;
  }

  start(nowMs: MonoMs): readonly Uint8Array[] {
    return this.#ask(nowMs);
  }

  received(chunk: Uint8Array, nowMs: MonoMs): readonly Uint8Array[] {
    return this.#scanner.push(chunk).flatMap((reply) => this.#reply(reply, nowMs));
  }

  due(nowMs: MonoMs): readonly Uint8Array[] {
    if (this.#end !== undefined || nowMs < this.#dueMs) return [];
    if (this.#phase === 'closing') return this.#done();
    if (this.#phase === 'settling') return this.#enter('sending', nowMs);
    if (this.#tries < this.#triesMax()) return this.#ask(nowMs);
    return this.#fail(this.#heardText ? 'protocolError' : 'unreachable', this.#silence());
  }

  hungUp(detail: string): void {
    if (this.#end !== undefined) return;
    // Many terminals just hang up. They accepted the last page before.
    if (this.#phase === 'closing') this.#done();
    else this.#end = { type: 'failed', reason: 'closed', detail: `${detail} ${this.#stage()}${this.#words()}` };
  }

  #reply(reply: TapReply, nowMs: MonoMs): readonly Uint8Array[] {
    if (this.#end !== undefined) return [];
    if (reply.type === 'text') return this.#text(reply, nowMs);
    switch (this.#phase) {
      case 'knocking':
        this.#heardText = true;
        return reply.type === 'id' ? this.#enter('loggingOn', nowMs) : [];
      case 'loggingOn':
        return this.#whileLoggingOn(reply, nowMs);
      case 'settling':
        return reply.type === 'disconnect' || reply.type === 'id' ? this.#whileSending(reply, nowMs) : [];
      case 'sending':
        return this.#whileSending(reply, nowMs);
      case 'closing':
        return this.#whileClosing(reply);
    }
  }

  #text({ text: line, code }: TapNote, nowMs: MonoMs): readonly Uint8Array[] {
    this.#heardText = true;
    const { password } = this.#call;
    // An echo of the log-on would put the password into the log.
    if (password !== '' && line.includes(LOGON)) return [];
    const text = password === '' ? line : line.replaceAll(password, '***');
    // A code is more exact than the text around it.
    if (code !== undefined || this.#note?.code === undefined) {
      this.#note = code === undefined ? { text } : { text, code };
    }
    // 111 means: please wait.
    if (code === 111 && this.#phase !== 'knocking') this.#waitOn(nowMs);
    return [];
  }

  #whileLoggingOn({ type }: TapReply, nowMs: MonoMs): readonly Uint8Array[] {
    if (type === 'goAhead') return this.#unanswered > 1 ? this.#settle(nowMs) : this.#enter('sending', nowMs);
    if (type === 'ack') this.#waitOn(nowMs);
    const crossed = type === 'id' && nowMs - this.#askedMs < this.#times.crossingMs;
    if (type === 'ack' || crossed) return [];
    const again = type === 'nak' || type === 'id';
    if (again) this.#unanswered = Math.max(0, this.#unanswered - 1);
    if (again && this.#tries < this.#times.logons) return this.#ask(nowMs);
    return this.#fail('refused', `the terminal refused the log-on${this.#words()}: is the password right?`);
  }

  /** Waits as the terminal asks, but not for ever. */
  #waitOn(nowMs: MonoMs): void {
    const { replyMs } = this.#times;
    this.#dueMs = earlier(after(nowMs, replyMs), after(this.#askedMs, WAITS_MAX * replyMs));
  }

  #whileSending({ type }: TapReply, nowMs: MonoMs): readonly Uint8Array[] {
    switch (type) {
      case 'ack':
        return this.#blockAccepted(nowMs);
      case 'nak':
        return this.#blockDamaged(nowMs);
      case 'rs':
        return this.#settled(this.#refusal(isLasting(this.#note)), nowMs);
      case 'disconnect':
        return this.#cutOff();
      case 'id':
        return this.#fail('protocolError', `the terminal began the call anew ${this.#stage()}`);
      default:
        return [];
    }
  }

  #blockAccepted(nowMs: MonoMs): readonly Uint8Array[] {
    this.#block += 1;
    if (this.#block < (this.#call.transactions[this.#transaction] ?? []).length) return this.#settle(nowMs);
    return this.#settled({ type: 'accepted' }, nowMs);
  }

  #settle(nowMs: MonoMs): readonly Uint8Array[] {
    this.#dueMs = after(nowMs, this.#unanswered > 1 ? this.#times.crossingMs : this.#times.gapMs);
    this.#phase = 'settling';
    return [];
  }

  #blockDamaged(nowMs: MonoMs): readonly Uint8Array[] {
    this.#unanswered = Math.max(0, this.#unanswered - 1);
    // The code or the text names another cause, so a repeat of the block would not be accepted now
    // either.
    if (isOfThePage(this.#note)) return this.#settled(this.#refusal(true), nowMs);
    if (saysNotNow(this.#note)) return this.#settled(this.#refusal(false), nowMs);
    if (this.#tries < this.#triesMax()) return this.#ask(nowMs);
    const detail = `the terminal found every sending of a block damaged${this.#words()}: check speed and parity of the line`;
    return this.#fail('protocolError', detail);
  }

  /** Takes the end of the call by the terminal before it accepted the page. */
  #cutOff(): readonly Uint8Array[] {
    const condemned = isOfThePage(this.#note);
    if (condemned) this.#verdicts[this.#transaction] = this.#refusal(true);
    if (condemned && this.#transaction + 1 === this.#verdicts.length) return this.#done();
    this.#end = {
      type: 'failed',
      reason: 'closed',
      detail: `the terminal ended the call ${this.#stage()}${this.#words()}`,
    };
    return [];
  }

  #whileClosing({ type }: TapReply): readonly Uint8Array[] {
    if (type === 'rs') this.#rejectLate();
    return type === 'disconnect' || type === 'id' ? this.#done() : [];
  }

  /** Takes RS after EOT: the terminal rejects something in this call without saying what. */
  #rejectLate(): void {
    const refusal = this.#refusal(isLasting(this.#note), 'at the end of the call ');
    for (const [index, verdict] of this.#verdicts.entries()) {
      if (verdict?.type === 'accepted') this.#verdicts[index] = refusal;
    }
  }

  #refusal(lasting: boolean, when = ''): PageVerdict {
    return { type: 'refused', again: !lasting, why: `refused ${when}by the terminal${this.#words()}` };
  }

  #settled(verdict: PageVerdict, nowMs: MonoMs): readonly Uint8Array[] {
    this.#verdicts[this.#transaction] = verdict;
    this.#transaction += 1;
    this.#block = 0;
    return this.#isOver() ? this.#enter('sending', nowMs) : this.#settle(nowMs);
  }

  #isOver(): boolean {
    return this.#transaction === this.#call.transactions.length;
  }

  #enter(phase: 'loggingOn' | 'sending', nowMs: MonoMs): readonly Uint8Array[] {
    this.#phase = phase === 'sending' && this.#isOver() ? 'closing' : phase;
    this.#tries = 0;
    this.#unanswered = 0;
    this.#heardText = false;
    return this.#ask(nowMs);
  }

  /** Sends the phase's message, for the first time or again. */
  #ask(nowMs: MonoMs): readonly Uint8Array[] {
    this.#tries += 1;
    this.#unanswered += 1;
    this.#askedMs = nowMs;
    this.#note = undefined;
    this.#dueMs = after(nowMs, this.#phase === 'knocking' ? this.#times.knockMs : this.#times.replyMs);
    return [this.#question()];
  }

  #question(): Uint8Array {
    switch (this.#phase) {
      case 'knocking':
        return KNOCK;
      case 'loggingOn':
        return concatBytes(Uint8Array.of(ESC), asciiToBytes(`${LOGON}${this.#call.password}`), KNOCK);
      case 'sending':
        return this.#call.transactions[this.#transaction]?.[this.#block] ?? END_OF_CALL;
      default:
        return END_OF_CALL;
    }
  }

  #triesMax(): number {
    const { knocks, logons, resends } = this.#times;
    return this.#phase === 'knocking' ? knocks : this.#phase === 'loggingOn' ? logons : 1 + resends;
  }

  #done(): readonly Uint8Array[] {
    this.#end = { type: 'done' };
    return [];
  }

  #fail(reason: 'unreachable' | 'refused' | 'protocolError', detail: string): readonly Uint8Array[] {
    const wasCalled = this.#phase !== 'knocking';
    this.#end = { type: 'failed', reason, detail };
    return wasCalled ? [END_OF_CALL] : [];
  }

  #silence(): string {
    if (this.#phase !== 'knocking') return `the terminal fell silent ${this.#stage()}${this.#words()}`;
    return this.#heardText
      ? `what answers does not ask for ID=${this.#words()}: is it a TAP terminal, at this speed and parity? ${NO_ID}`
      : `the terminal does not answer: is it switched on, and are speed and parity of the line as it wants them? ${NO_ID}`;
  }

  #stage(): string {
    if (this.#phase === 'knocking') return 'before it asked for the log-on';
    return this.#phase === 'loggingOn' ? 'at the log-on' : 'before it had accepted the page';
  }

  #words(): string {
    return this.#note === undefined ? '' : ` (${this.#note.text})`;
  }
}
