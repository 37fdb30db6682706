import { messageOf } from '../../../protocol/errors.ts';

const NEWLINE = 0x0a;
const BEGIN_SIZE = 4_096;

interface LinesListener {
  message(message: unknown): void;
  /** Called once. Nothing is read after it. */
  fault(what: string): void;
}

/**
 * Reads messages, one JSON text on each line, from a sender that may be hostile. Holds no more than
 * one line of the greatest length.
 */
export class MessageLines {
  readonly #lengthMax: number;
  readonly #listener: LinesListener;
  /** The line that has begun: the first `#length` bytes. */
  #line = Buffer.allocUnsafe(BEGIN_SIZE);
  #length = 0;
  #isFaulty = false;

  /** @param lengthMax of a line without its end, bytes */
  constructor(lengthMax: number, listener: LinesListener) {
    this.#lengthMax = lengthMax;
    this.#listener = listener;
  }

  /** @returns how many lines ended in these bytes */
  push(bytes: Buffer): number {
    let from = 0;
    let lines = 0;
    while (!this.#isFaulty) {
      const end = bytes.indexOf(NEWLINE, from);
      const part = bytes.subarray(from, end < 0 ? bytes.length : end);
      if (this.#length + part.length > this.#lengthMax) {
        this.#fault(`a line longer than ${this.#lengthMax} bytes`);
        break;
      }
      this.#append(part);
      if (end < 0) break;
      this.#end();
      lines += 1;
      from = end + 1;
    }
    return lines;
  }

  #append(part: Buffer): void {
    const length = this.#length + part.length;
    if (length > this.#line.length) {
      const larger = Buffer.allocUnsafe(Math.min(Math.max(2 * this.#line.length, length), this.#lengthMax));
      this.#line.copy(larger, 0, 0, this.#length);
      this.#line = larger;
    }
    part.copy(this.#line, this.#length);
    this.#length = length;
  }

  #end(): void {
    const text = this.#line.toString('utf8', 0, this.#length);
    this.#length = 0;
    if (this.#line.length > BEGIN_SIZE) this.#line = Buffer.allocUnsafe(BEGIN_SIZE);
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch (error) {
      this.#fault(`a line that is no JSON: ${messageOf(error)}`);
      return;
    }
    this.#listener.message(message);
  }

  #fault(what: string): void {
    this.#isFaulty = true;
    this.#length = 0;
    this.#listener.fault(what);
  }
}
