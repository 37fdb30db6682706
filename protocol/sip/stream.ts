import { bytesToAscii } from '../bytes.ts';
import { parseHead, type SipHead, type SipMessage } from './message.ts';

export type SipPiece =
  | { readonly type: 'message'; readonly message: SipMessage }
  /** Two line ends between messages (RFC 5626 §3.5.1). The answer is one line end. */
  | { readonly type: 'ping' }
  /**
   * The bytes are not SIP, or longer than any message we accept. The start of the next message is
   * unknown, so nothing comes after this.
   */
  | { readonly type: 'broken'; readonly why: string };

/** Answers to our requests have a few hundred bytes. Proxies on the way add to them. */
const HEAD_BYTES_MAX = 16_384;
const BODY_BYTES_MAX = 65_536;

const CR = 0x0d;
const LF = 0x0a;

/**
 * Cuts a TCP stream into SIP messages by their Content-Length (RFC 3261 §18.3), however it is
 * split. It holds at most one message.
 */
export class SipStream {
  #buffer = new Uint8Array(4096);
  /** The unread bytes are `#buffer[#start…#end)`. */
  #start = 0;
  #end = 0;
  /** No end of a head begins before this index. Once the head is read, its body begins here. */
  #searched = 0;
  /** Head that has been read and waits for its body. */
  #head: SipHead | undefined;
  #lineEnds = 0;
  #broken = false;

  push(segment: Uint8Array): readonly SipPiece[] {
    if (this.#broken) return [];
    this.#append(segment);
    const pieces: SipPiece[] = [];
    for (let piece = this.#next(); piece !== undefined; piece = this.#next()) {
      pieces.push(piece);
      if (piece.type === 'broken') this.#break();
    }
    return pieces;
  }

  /** Returns the number of bytes of an unfinished message. */
  get pending(): number {
    return this.#end - this.#start;
  }

  #append(segment: Uint8Array): void {
    const rest = this.#buffer.subarray(this.#start, this.#end);
    const length = rest.length + segment.length;
    const target =
      length > this.#buffer.length ? new Uint8Array(Math.max(length, 2 * this.#buffer.length)) : this.#buffer;
    target.set(rest);
    target.set(segment, rest.length);
    this.#buffer = target;
    this.#searched -= this.#start;
    this.#start = 0;
    this.#end = length;
  }

  #next(): SipPiece | undefined {
    if (this.#broken) return undefined;
    if (this.#head === undefined) {
      if (this.#skipLineEnds()) return { type: 'ping' };
      const problem = this.#readHead();
      if (problem !== undefined) return { type: 'broken', why: problem };
    }
    return this.#readBody();
  }

  /** RFC 3261 §7.5: line ends before a message mean nothing. Two of them are a ping. */
  #skipLineEnds(): boolean {
    while (this.#end - this.#start >= 2 && this.#isLineEnd(this.#start)) {
      this.#start += 2;
      this.#searched = this.#start;
      this.#lineEnds = (this.#lineEnds + 1) % 2;
      if (this.#lineEnds === 0) return true;
    }
    return false;
  }

  /** @returns the fault that makes the stream unusable */
  #readHead(): string | undefined {
    const end = this.#endOfHead();
    // Up to three of the last bytes may belong to an end that has only begun.
    if ((end ?? this.#end - 3) - this.#start > HEAD_BYTES_MAX) return 'more headers than any answer has';
    if (end === undefined) return undefined;
    const head = parseHead(bytesToAscii(this.#buffer, this.#start, end));
    if (typeof head === 'string') return head;
    if (head.contentLength > BODY_BYTES_MAX) return 'a larger body than any answer has';
    this.#head = head;
    this.#searched = end + 4;
    this.#lineEnds = 0;
    return undefined;
  }

  #endOfHead(): number | undefined {
    for (let at = this.#searched; at + 3 < this.#end; at++) {
      if (this.#isLineEnd(at) && this.#isLineEnd(at + 2)) return at;
    }
    this.#searched = Math.max(this.#start, this.#end - 3);
    return undefined;
  }

  #readBody(): SipPiece | undefined {
    if (this.#head === undefined) return undefined;
    const { message, contentLength } = this.#head;
    const end = this.#searched + contentLength;
    if (this.#end < end) return undefined;
    const body = this.#buffer.slice(this.#searched, end);
    this.#head = undefined;
    this.#start = end;
    this.#searched = end;
    return { type: 'message', message: { ...message, body } };
  }

  #isLineEnd(at: number): boolean {
    return this.#buffer[at] === CR && this.#buffer[at + 1] === LF;
  }

  #break(): void {
    this.#broken = true;
    this.#buffer = new Uint8Array();
    this.#start = 0;
    this.#end = 0;
  }
}
