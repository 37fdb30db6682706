const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;

/** CRC, length and the longest body, with room for rubbish before it. */
const MAX_FRAME = 8 + 0xfff + 256;

/**
 * Cuts a byte stream into frames: from LF to CR, however the stream is split into segments.
 *
 * Tolerates a missing LF, NUL bytes between frames, several frames in a segment, and rubbish: an LF starts afresh, and what is
 * longer than any frame is dropped up to the next delimiter. Holds at most one frame. A frame cut here is only a candidate: the
 * CRC decides.
 */
export class Dc09Scanner {
  readonly #buffer = new Uint8Array(MAX_FRAME);
  #length = 0;
  #overflowed = false;
  #discarded = 0;

  /** Frames completed by this segment, without LF and CR; each its own copy. */
  push(segment: Uint8Array): readonly Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (const byte of segment) {
      if (byte === CR) this.#finish(frames);
      else if (byte === LF) this.#restart();
      else if (byte === NUL && this.#length === 0) this.#discarded += 1;
      else this.#append(byte);
    }
    return frames;
  }

  /** Bytes of a frame that has begun and not ended. */
  get pending(): number {
    return this.#length;
  }

  /** Bytes since start that were no part of a frame cut. */
  get discarded(): number {
    return this.#discarded;
  }

  #append(byte: number): void {
    if (this.#overflowed) {
      this.#discarded += 1;
    } else if (this.#length === MAX_FRAME) {
      this.#discarded += this.#length + 1;
      this.#length = 0;
      this.#overflowed = true;
    } else {
      this.#buffer[this.#length++] = byte;
    }
  }

  #restart(): void {
    this.#discarded += this.#length;
    this.#length = 0;
    this.#overflowed = false;
  }

  #finish(frames: Uint8Array[]): void {
    if (this.#length > 0) frames.push(this.#buffer.slice(0, this.#length));
    this.#length = 0;
    this.#overflowed = false;
  }
}

const END = Uint8Array.of(CR);

/** Frames of one datagram, which should hold exactly one (DC-09 over UDP). Its end ends a frame that lacks its CR. */
export function framesOfDatagram(datagram: Uint8Array): readonly Uint8Array[] {
  const scanner = new Dc09Scanner();
  return [...scanner.push(datagram), ...scanner.push(END)];
}
