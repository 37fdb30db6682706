import { BODY_BYTES_MAX } from './frame.ts';

const DELIMITER = 0;

/**
 * Finds frame bodies in a byte stream that may be split, merged or corrupted. It holds at most
 * `BODY_BYTES_MAX`. A longer run is not a frame: it is reported once, when it grows too long, and
 * dropped up to the next delimiter.
 */
export class FrameScanner {
  readonly #held = new Uint8Array(BODY_BYTES_MAX);
  #length = 0;
  #overlong = false;

  /**
   * `onBody` gets the bytes between two delimiters, never empty, as a view that is valid only
   * during the call. The callbacks must neither throw nor call `push`.
   */
  push(chunk: Uint8Array, onBody: (body: Uint8Array) => void, onOverlong: () => void): void {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(DELIMITER, from);
      if (end < 0) break;
      this.#finish(chunk, from, end, onBody, onOverlong);
      from = end + 1;
    }
    this.#hold(chunk, from, chunk.length, onOverlong);
  }

  #finish(
    chunk: Uint8Array,
    from: number,
    end: number,
    onBody: (body: Uint8Array) => void,
    onOverlong: () => void,
  ): void {
    const whole = this.#length === 0 && !this.#overlong && end - from <= BODY_BYTES_MAX;
    if (!whole) this.#hold(chunk, from, end, onOverlong);
    const body = whole ? chunk.subarray(from, end) : this.#held.subarray(0, this.#length);
    this.#length = 0;
    this.#overlong = false;
    if (body.length > 0) onBody(body);
  }

  #hold(chunk: Uint8Array, from: number, end: number, onOverlong: () => void): void {
    if (this.#overlong || from === end) return;
    if (this.#length + end - from > BODY_BYTES_MAX) {
      this.#overlong = true;
      this.#length = 0;
      onOverlong();
      return;
    }
    for (let i = from; i < end; i++) this.#held[this.#length++] = chunk[i] ?? 0;
  }
}
