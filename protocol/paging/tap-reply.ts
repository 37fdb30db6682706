import { ACK, CR, EOT, ESC, LF, NAK, RS } from './control-bytes.ts';

/** The replies of a terminal, in the order of a call. */
export type TapReply =
  /** It asks for the log-on: `ID=`. */
  | { readonly type: 'id' }
  /** It has accepted the log-on and waits for blocks: ESC [ p. */
  | { readonly type: 'goAhead' }
  | { readonly type: 'ack' | 'nak' | 'rs' }
  /** It ends the call: ESC EOT. */
  | { readonly type: 'disconnect' }
  /** A line of text. `code` is its leading response code (TAP 1.8; older terminals send none). */
  | { readonly type: 'text'; readonly text: string; readonly code?: number };

/** Longer lines are cut: a banner may be of any length. */
const LINE_CHARACTERS_MAX = 128;
const MARKS: ReadonlyMap<number, 'ack' | 'nak' | 'rs'> = new Map([
  [ACK, 'ack'],
  [NAK, 'nak'],
  [RS, 'rs'],
]);

/**
 * Reads a terminal's output, however it is split. It strips the parity and treats CR, LF, CRLF and
 * LFCR alike. A reply may be anywhere in its line. It is reported at its last byte, without waiting
 * for an end of line that some terminals leave out. The reader holds at most one line.
 */
export class TapReplyScanner {
  #line = '';
  /** The last three characters. A line that was cut may also end with the prompt. */
  #tail = '';
  #escape: 'none' | 'esc' | 'bracket' = 'none';

  push(chunk: Uint8Array): readonly TapReply[] {
    const replies: TapReply[] = [];
    for (const byte of chunk) this.#take(byte & 0x7f, replies);
    return replies;
  }

  #take(code: number, replies: TapReply[]): void {
    if (this.#escape !== 'none' && this.#escaped(code, replies)) return;
    const mark = MARKS.get(code);
    if (mark !== undefined) {
      this.#endLine(replies);
      replies.push({ type: mark });
    } else if (code === CR || code === LF) this.#endLine(replies);
    else if (code === ESC) this.#escape = 'esc';
    // Other control bytes, such as XON and XOFF, and fillers mean nothing here.
    else if (code >= 0x20 && code < 0x7f) this.#append(code, replies);
  }

  /** Returns true if the byte is part of an escape sequence. */
  #escaped(code: number, replies: TapReply[]): boolean {
    const before = this.#escape;
    this.#escape = 'none';
    if (before === 'esc' && code === 0x5b) {
      this.#escape = 'bracket';
      return true;
    }
    const type =
      before === 'esc' && code === EOT ? 'disconnect' : before === 'bracket' && code === 0x70 ? 'goAhead' : '';
    if (type === '') return false;
    this.#endLine(replies);
    replies.push({ type });
    return true;
  }

  #append(code: number, replies: TapReply[]): void {
    const character = String.fromCharCode(code);
    this.#tail = `${this.#tail}${character}`.slice(-3);
    if (this.#line.length < LINE_CHARACTERS_MAX) this.#line += character;
    // Nothing needs to follow `ID=`.
    if (this.#tail !== 'ID=') return;
    this.#line = this.#line.replace(/ID=$/, '');
    this.#endLine(replies);
    replies.push({ type: 'id' });
  }

  #endLine(replies: TapReply[]): void {
    const text = this.#line.trim();
    this.#line = '';
    this.#tail = '';
    if (text === '') return;
    const digits = /^(\d{3})(?!\d)/.exec(text)?.[1];
    replies.push(digits === undefined ? { type: 'text', text } : { type: 'text', text, code: Number(digits) });
  }
}
