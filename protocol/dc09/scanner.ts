import { bytesToAscii } from '../bytes.ts';
import { bareToken } from './answer-frame.ts';
import { checkedBody } from './message.ts';

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
/** CRC, length, a token in quotes and its number. */
const FRAME_MIN = 8 + 9;

/** CRC, length and the longest body, with room for garbage before it. */
const FRAME_MAX = 8 + 0xfff + 256;

/**
 * Cuts a byte stream into frames from LF to CR, however the stream is split into segments.
 *
 * It tolerates a missing LF, LF or NUL in place of CR, NUL bytes between frames, several frames in
 * a segment, and garbage. An LF starts a new frame. Anything longer than the longest frame is
 * dropped up to the next delimiter. It holds at most one frame. A frame cut here is only a
 * candidate: the CRC decides.
 */
export class Dc09Scanner {
  readonly #buffer = new Uint8Array(FRAME_MAX);
  #length = 0;
  #overflowed = false;
  #discarded = 0;

  /** Returns the frames that this segment completed, without LF and CR, each as its own copy. */
  push(segment: Uint8Array): readonly Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (const byte of segment) {
      if (byte === CR) this.#finish(frames);
      else if (byte === LF) this.#restart(frames);
      else if (byte === NUL && this.#length === 0) this.#discarded += 1;
      else if (byte === NUL && this.#isWhole()) this.#finish(frames);
      else this.#append(byte);
    }
    return frames;
  }

  /**
   * Returns the end of the bytes so far if it is whole without its CR: a frame as long as its
   * length field says, or a bare `"NAK"`, which some receivers answer to an unknown account. No
   * proper frame begins with a quote, so a bare NAK is complete.
   */
  takeUnended(): Uint8Array | undefined {
    if (this.#overflowed || this.#length === 0) return undefined;
    const pending = this.#buffer.subarray(0, this.#length);
    if (bareToken(pending) === undefined && !this.#isWhole()) return undefined;
    this.#length = 0;
    return pending.slice();
  }

  /** Returns the number of bytes of an unfinished frame. */
  get pending(): number {
    return this.#length;
  }

  /** Returns the number of bytes since the start that belonged to no frame. */
  get discarded(): number {
    return this.#discarded;
  }

  #append(byte: number): void {
    if (this.#overflowed) {
      this.#discarded += 1;
    } else if (this.#length === FRAME_MAX) {
      this.#discarded += this.#length + 1;
      this.#length = 0;
      this.#overflowed = true;
    } else {
      this.#buffer[this.#length++] = byte;
    }
  }

  /** Some receivers end their answers with LF or NUL. */
  #restart(frames: Uint8Array[]): void {
    if (this.#isWhole()) this.#finish(frames);
    this.#discarded += this.#length;
    this.#length = 0;
    this.#overflowed = false;
  }

  #finish(frames: Uint8Array[]): void {
    if (this.#length > 0) frames.push(this.#buffer.slice(0, this.#length));
    this.#length = 0;
    this.#overflowed = false;
  }

  /**
   * Returns true if the frame is as long as its length field says and its CRC matches: only its CR
   * is missing.
   */
  #isWhole(): boolean {
    if (this.#length < FRAME_MIN || this.#buffer[8] !== QUOTE) return false;
    const body = Number.parseInt(bytesToAscii(this.#buffer, 4, 8), 16);
    return this.#length === 8 + body && typeof checkedBody(this.#buffer.subarray(0, this.#length)) !== 'string';
  }
}

const END = Uint8Array.of(CR);

/**
 * Returns the frames of one datagram, which should hold exactly one (DC-09 over UDP). The end of
 * the datagram ends a frame without CR.
 */
export function framesOfDatagram(datagram: Uint8Array): readonly Uint8Array[] {
  const scanner = new Dc09Scanner();
  return [...scanner.push(datagram), ...scanner.push(END)];
}
