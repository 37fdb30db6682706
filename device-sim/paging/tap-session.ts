import { asciiToBytes } from '../../protocol/bytes.ts';
import { readTapBlock } from '../../protocol/paging/tap-block.ts';
import type { TapBehaviour, TapStage, TapTraits } from './tap-behaviour.ts';

/** What a session needs of its terminal. */
export interface TapSessionHost {
  readonly traits: TapTraits;
  behaviour(): TapBehaviour;
  become(behaviour: TapBehaviour): void;
  /** Takes a page that was accepted for transmission. */
  page(pager: string, message: string): void;
  notice(type: 'call' | 'block' | 'refused' | 'ended', detail: string): void;
}

/** The line of one call. */
interface TapSessionLine {
  write(bytes: Uint8Array): void;
  hangUp(): void;
}

const CR = 0x0d;
const STX = 0x02;
const EOT = 0x04;
const ACK = '\x06';
const NAK = '\x15';
const RS = '\x1e';
const GOODBYE = '\x1b\x04';
/** The characters ETX, ETB and US. */
const TERMINATORS: ReadonlySet<number> = new Set([0x03, 0x17, 0x1f]);
const LINE_CHARACTERS_MAX = 512;

const WORDS: Readonly<Record<number, string>> = {
  211: 'Page accepted and sent',
  511: 'Unknown pager ID',
  512: 'Temporarily cannot deliver, try later',
  513: 'Message too long',
  514: 'Checksum error',
};

/** One call at a simulated terminal, which plays the paging central of TAP 1.8. */
export class TapSession {
  readonly #line: TapSessionLine;
  readonly #host: TapSessionHost;
  readonly #timers = new Set<NodeJS.Timeout>();
  #state: 'idle' | 'logon' | 'blocks' = 'idle';
  #input: number[] = [];
  /** Fields of the blocks of a transaction so far. */
  #fields: string[] = [];
  /** True if the last field continues in the next block. */
  #goesOn = false;
  #blocks = 0;
  #pages = 0;

  constructor(line: TapSessionLine, host: TapSessionHost) {
    this.#line = line;
    this.#host = host;
    if (this.#sendsNoId) this.#state = 'logon';
    else if (host.traits.asksFirst) this.#askForId();
  }

  received(chunk: Uint8Array): void {
    for (const byte of chunk) {
      this.#input.push(byte & 0x7f);
      if (this.#isWhole()) {
        const input = Uint8Array.from(this.#input);
        this.#input = [];
        this.#take(input);
      } else if (this.#input.length > LINE_CHARACTERS_MAX) this.#input = [];
    }
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Blocks contain CR. Everything else ends with it. */
  #isWhole(): boolean {
    const { length } = this.#input;
    if (this.#input[length - 1] !== CR) return false;
    if (this.#state !== 'blocks' || this.#input[0] !== STX) return true;
    return length > 5 && TERMINATORS.has(this.#input[length - 5] ?? 0);
  }

  #take(input: Uint8Array): void {
    if (this.#state === 'blocks' && input[0] === EOT) this.#ended();
    else if (this.#state === 'blocks') this.#block(input.subarray(0, -1));
    else if (input.length > 1 && (this.#state === 'logon' || this.#sendsNoId)) this.#logon(input);
    else if (this.#sendsNoId) this.#state = 'logon';
    else if (!this.#misbehaves('knock')) this.#askForId();
  }

  get #sendsNoId(): boolean {
    return this.#host.traits.noId || this.#host.behaviour().type === 'noId';
  }

  #askForId(): void {
    this.#host.notice('call', '');
    const { banner, lineEnd, afterId } = this.#host.traits;
    this.#state = 'logon';
    this.#say(`${banner === '' ? '' : `${banner}${lineEnd}`}ID=${afterId}`);
  }

  #logon(input: Uint8Array): void {
    const { password } = this.#host.traits;
    const text = String.fromCharCode(...input.subarray(0, -1));
    if (this.#misbehaves('logon')) return;
    if (!text.startsWith('\x1bPG1')) {
      this.#answer(NAK, 507);
      return;
    }
    if (text.slice(4) !== password) {
      this.#host.notice('refused', 'wrong password');
      this.#answer(GOODBYE, 509);
      this.#reset();
      return;
    }
    this.#state = 'blocks';
    this.#pages = 0;
    this.#beginTransaction();
    this.#say(this.#lines(this.#host.traits.codes ? '110 1.8' : '', ACK, '\x1b[p'));
  }

  #block(bytes: Uint8Array): void {
    const block = readTapBlock(bytes);
    this.#host.notice('block', typeof block === 'string' ? block : block.end);
    if (this.#misbehaves('block')) return;
    if (typeof block === 'string') {
      this.#answer(NAK, 514);
      return;
    }
    this.#blocks += 1;
    const [first = '', ...rest] = block.fields;
    if (this.#goesOn) this.#fields[this.#fields.length - 1] += first;
    else this.#fields.push(first);
    this.#fields.push(...rest);
    this.#goesOn = block.end === 'fieldGoesOn';
    if (this.#host.traits.oneBlock && (block.end !== 'transaction' || this.#blocks > 1)) this.#refuse(513);
    else if (block.end === 'transaction') this.#transaction();
    else this.#say(this.#lines(ACK));
  }

  #transaction(): void {
    const [pager = '', message = ''] = this.#fields;
    const behaviour = this.#host.behaviour();
    const { pagers, pagesPerCall } = this.#host.traits;
    if (behaviour.type === 'rs' && (behaviour.pager ?? pager) === pager) {
      const { times = Number.POSITIVE_INFINITY } = behaviour;
      this.#host.become(times > 1 ? { ...behaviour, times: times - 1 } : { type: 'normal' });
      this.#refuse(behaviour.code);
      return;
    }
    if (pagers.length > 0 && !pagers.includes(pager)) {
      this.#refuse(511);
      return;
    }
    if (this.#pages >= pagesPerCall) {
      this.#answer(GOODBYE, 506);
      return;
    }
    this.#pages += 1;
    // A page that is taken back at the end is never sent.
    if (behaviour.type !== 'lateRejection') this.#host.page(pager, message);
    this.#beginTransaction();
    if (behaviour.type === 'vanishAfterAccepting' && behaviour.times > 0) {
      this.#host.become({ ...behaviour, times: behaviour.times - 1 });
      this.#hangUp();
      return;
    }
    this.#answer(ACK, 211);
    if (behaviour.type === 'ackTwice') this.#answer(ACK, 211);
  }

  #ended(): void {
    this.#host.notice('ended', '');
    if (this.#misbehaves('end')) return;
    const behaviour = this.#host.behaviour();
    if (this.#host.traits.noGoodbye) {
      this.#hangUp();
      return;
    }
    const late = behaviour.type === 'lateRejection' && this.#pages > 0;
    const code = behaviour.type === 'lateRejection' ? behaviour.code : undefined;
    this.#say(this.#lines(this.#codeLine(late ? code : 115), late ? RS : '', GOODBYE));
    this.#hangUp();
  }

  #beginTransaction(): void {
    this.#fields = [];
    this.#goesOn = false;
    this.#blocks = 0;
  }

  #refuse(code: number | undefined): void {
    this.#host.notice('refused', String(code ?? 'RS'));
    this.#beginTransaction();
    this.#answer(RS, code);
  }

  /** Returns true if the behaviour has replaced the proper answer. */
  #misbehaves(stage: TapStage): boolean {
    const behaviour = this.#host.behaviour();
    if (behaviour.type === 'refuse') return true;
    if (behaviour.type === 'halfAnswer' && stage === 'block') {
      this.#say('211 Page acc');
      return true;
    }
    if (!('at' in behaviour) || behaviour.at !== stage) return false;
    switch (behaviour.type) {
      case 'hang':
        return true;
      case 'nak':
        if (behaviour.times <= 0) return false;
        this.#host.become({ ...behaviour, times: behaviour.times - 1 });
        this.#answer(NAK, behaviour.code);
        return true;
      case 'disconnect':
        this.#answer(GOODBYE, behaviour.code);
        this.#hangUp();
        return true;
      case 'drop':
        this.#hangUp();
        return true;
      case 'garbage':
        this.#say('HTTP/1.1 400 Bad Request\r\n\r\n');
        return true;
    }
  }

  #answer(mark: string, code: number | undefined): void {
    this.#say(this.#lines(this.#codeLine(code), mark));
  }

  #codeLine(code: number | undefined): string {
    if (code === undefined || !this.#host.traits.codes) return '';
    return `${code} ${WORDS[code] ?? ''}`.trim();
  }

  #lines(...lines: readonly string[]): string {
    const { lineEnd } = this.#host.traits;
    return lines.map((line) => (line === '' ? '' : `${line}${lineEnd}`)).join('');
  }

  #say(text: string): void {
    const { type } = this.#host.behaviour();
    const { parity, lineEnd } = this.#host.traits;
    const bytes = asciiToBytes(
      type === 'chatter' ? `${lineEnd}Zetron Model 16, 3 calls waiting${lineEnd}${text}` : text,
    );
    const sent = withParity(bytes, type === 'oddParity' ? 'odd' : parity);
    this.#later(() => this.#line.write(sent));
  }

  #hangUp(): void {
    this.#reset();
    this.#later(() => this.#line.hangUp());
  }

  #later(action: () => void): void {
    const behaviour = this.#host.behaviour();
    if (behaviour.type !== 'slow') {
      action();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, behaviour.ms);
    this.#timers.add(timer);
  }

  #reset(): void {
    this.#state = 'idle';
    this.#input = [];
    this.#beginTransaction();
  }
}

/** Sets bit 7 to the parity of the other seven bits. */
function withParity(bytes: Uint8Array, parity: TapTraits['parity']): Uint8Array {
  if (parity === 'none') return bytes;
  return bytes.map((byte) => {
    const ones = byte.toString(2).replaceAll('0', '').length;
    const isSet = parity === 'mark' || (parity === 'even') === (ones % 2 === 1);
    return isSet ? byte | 0x80 : byte;
  });
}
