import { after, LONG_AGO_MS, type MonoMs } from '../clocks.ts';
import type { CallEnd, PageVerdict, PagingDialogue } from './paging-dialogue.ts';
import { encodeSnppCommand, readSnppReply, SnppLines, type SnppReply, snppClass } from './snpp.ts';

export interface SnppTimes {
  readonly replyMs: number;
  /** Some servers answer SEND only when the page has been transmitted. */
  readonly sendMs: number;
}

export const SNPP_TIMES: SnppTimes = { replyMs: 10_000, sendMs: 120_000 };

export interface SnppCall {
  readonly login?: { readonly user: string; readonly password?: string };
  /**
   * Pages to send. Without any, the call only proves that the server is there and accepts the
   * login.
   */
  readonly pages: readonly { readonly pager: string; readonly text: string }[];
}

type Step = 'greeting' | 'LOGI' | 'PAGE' | 'MESS' | 'SEND' | 'RESE' | 'QUIT';

/**
 * RFC 1861 §4.5, at PAGE and MESS: an administrative failure, such as an invalid pager id. Servers
 * that borrow 551 and 553 from SMTP (RFC 5321 §4.2.2) mean the same. All other refusals may pass,
 * such as 554 (technical failure: gateway down, database busy) and 552 (maximum entries exceeded).
 */
const LASTING: ReadonlySet<number> = new Set([550, 551, 553]);
/** Login required, and command not implemented. Neither is a fault of the page. */
const LOGIN_REQUIRED = 530;
const NOT_IMPLEMENTED = 500;
const GOODBYE = 221;

/**
 * One call to a paging server as its client, in SNPP level 1 with the login of level 2 (RFC 1861).
 * Each page has its own PAGE, MESS and SEND.
 */
export class SnppDialogue implements PagingDialogue {
  readonly farewell = encodeSnppCommand('QUIT');
  readonly #call: SnppCall;
  readonly #times: SnppTimes;
  readonly #lines = new SnppLines();
  readonly #verdicts: (PageVerdict | undefined)[];
  #step: Step = 'greeting';
  #page = 0;
  #dueMs = LONG_AGO_MS;
  #end: CallEnd | undefined;

  constructor(call: SnppCall, times: SnppTimes = SNPP_TIMES) {
    this.#call = call;
    this.#times = times;
    this.#verdicts = call.pages.map(() => undefined);
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
    this.#dueMs = after(nowMs, this.#times.replyMs);
    return [];
  }

  received(chunk: Uint8Array, nowMs: MonoMs): readonly Uint8Array[] {
    const writes: Uint8Array[] = [];
    for (const line of this.#lines.push(chunk)) {
      // A line in the same segment cannot answer the command that follows this answer.
      if (writes.length === 0) writes.push(...this.#line(line, nowMs));
    }
    return writes;
  }

  due(nowMs: MonoMs): readonly Uint8Array[] {
    if (this.#end !== undefined || nowMs < this.#dueMs) return [];
    if (this.#step === 'QUIT') return this.#done();
    return this.#fail('unreachable', `the server does not answer ${this.#asked()}`);
  }

  hungUp(detail: string): void {
    if (this.#end !== undefined) return;
    if (this.#step === 'QUIT') this.#done();
    else this.#end = { type: 'failed', reason: 'closed', detail: `${detail} before it answered ${this.#asked()}` };
  }

  #line(line: string, nowMs: MonoMs): readonly Uint8Array[] {
    if (this.#end !== undefined || line.trim() === '') return [];
    const reply = readSnppReply(line);
    if (this.#step === 'QUIT') return this.#quitting(reply);
    if (reply === 'more' || (reply !== undefined && reply.code < 200)) return [];
    const verdict = reply === undefined ? undefined : snppClass(reply.code);
    if (reply === undefined || verdict === undefined || verdict === 'continue') {
      // An echo of the login would put the password into the log.
      const heard = this.#step === 'LOGI' ? '' : `: ${this.#redacted(line).slice(0, 60)}`;
      return this.#fail('protocolError', `what answers ${this.#asked()} is no SNPP server, or not well${heard}`);
    }
    const told = { ...reply, text: this.#redacted(reply.text) };
    if (verdict === 'fatal') return this.#fail('refused', `the server gave up at ${this.#asked()} (${words(told)})`);
    return verdict === 'accepted' ? this.#accepted(nowMs) : this.#refused(told, nowMs);
  }

  /** Returns a server's text without our password, which some servers repeat. */
  #redacted(text: string): string {
    const password = this.#call.login?.password ?? '';
    return password === '' ? text : text.replaceAll(password, '***');
  }

  #accepted(nowMs: MonoMs): readonly Uint8Array[] {
    switch (this.#step) {
      case 'greeting':
        return this.#call.login === undefined ? this.#nextPage(nowMs) : this.#ask('LOGI', nowMs);
      case 'PAGE':
        return this.#ask('MESS', nowMs);
      case 'MESS':
        return this.#ask('SEND', nowMs);
      case 'SEND':
        this.#settle({ type: 'accepted' });
        return this.#nextPage(nowMs);
      default:
        return this.#nextPage(nowMs);
    }
  }

  #refused(reply: SnppReply, nowMs: MonoMs): readonly Uint8Array[] {
    const step = this.#step;
    if (step === 'RESE') return this.#nextPage(nowMs);
    if (step === 'greeting') return this.#fail('refused', `the server lets nobody in (${words(reply)})`);
    if (step === 'LOGI')
      return this.#fail('refused', `the server refused our login (${words(reply)}): are user and password right?`);
    if (reply.code === LOGIN_REQUIRED) {
      return this.#fail(
        'refused',
        `the server wants a login (${words(reply)}): write user: and, if it has one, its password`,
      );
    }
    if (reply.code === NOT_IMPLEMENTED) {
      return this.#fail('protocolError', `the server does not understand ${this.#asked()} (${words(reply)})`);
    }
    // Pager and text stay the same, so a failed SEND has a cause in the server.
    const again = step === 'SEND' || !LASTING.has(reply.code);
    this.#settle({ type: 'refused', again, why: `refused by the server at ${step} (${words(reply)})` });
    return this.#page < this.#call.pages.length ? this.#ask('RESE', nowMs) : this.#ask('QUIT', nowMs);
  }

  /**
   * A server that answered twice may refuse, before its goodbye, a page that an earlier answer
   * seemed to accept.
   */
  #quitting(reply: SnppReply | 'more' | undefined): readonly Uint8Array[] {
    if (reply === undefined || reply === 'more') return [];
    if (reply.code === GOODBYE) return this.#done();
    if (snppClass(reply.code) !== 'refused') return [];
    const told = { ...reply, text: this.#redacted(reply.text) };
    const why = `refused by the server at the end (${words(told)})`;
    for (const [page, verdict] of this.#verdicts.entries()) {
      if (verdict?.type === 'accepted') this.#verdicts[page] = { type: 'refused', again: true, why };
    }
    return [];
  }

  #settle(verdict: PageVerdict): void {
    this.#verdicts[this.#page] = verdict;
    this.#page += 1;
  }

  #nextPage(nowMs: MonoMs): readonly Uint8Array[] {
    return this.#ask(this.#page < this.#call.pages.length ? 'PAGE' : 'QUIT', nowMs);
  }

  #ask(step: Exclude<Step, 'greeting'>, nowMs: MonoMs): readonly Uint8Array[] {
    this.#step = step;
    this.#dueMs = after(nowMs, step === 'SEND' ? this.#times.sendMs : this.#times.replyMs);
    return [encodeSnppCommand(step, ...this.#parameters(step))];
  }

  #parameters(step: Step): readonly string[] {
    const { login, pages } = this.#call;
    const page = pages[this.#page];
    if (step === 'LOGI' && login !== undefined) {
      return login.password === undefined ? [login.user] : [login.user, login.password];
    }
    if (page === undefined) return [];
    return step === 'PAGE' ? [page.pager] : step === 'MESS' ? [page.text] : [];
  }

  #asked(): string {
    return this.#step === 'greeting' ? 'the connection' : this.#step;
  }

  #done(): readonly Uint8Array[] {
    this.#end = { type: 'done' };
    return [];
  }

  #fail(reason: 'unreachable' | 'refused' | 'protocolError', detail: string): readonly Uint8Array[] {
    this.#end = { type: 'failed', reason, detail };
    return [this.farewell];
  }
}

function words({ code, text }: SnppReply): string {
  return `${code} ${text}`.trim().slice(0, 80);
}
