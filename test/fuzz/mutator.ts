import { type Random, randomBelow } from '../../device-sim/random.ts';

/** Values at which formats and their readers often change what they do. */
const BYTES = [0x00, 0x01, 0x0a, 0x0d, 0x1b, 0x20, 0x22, 0x2c, 0x3a, 0x5b, 0x5c, 0x5d, 0x7b, 0x7f, 0x80, 0xc0, 0xff];
const PIECE_MAX = 8;
const COPIED_MAX = 64;
const STEPS_MAX = 5;
const HEAD_BYTES = 16;
const HEAD_SHARE = 0.3;
/** Longer ones come from stretching only: short ones run faster, and show as much. */
const MUTATED_LENGTH_MAX = 1_024;

/** Makes new inputs of known ones. The same random numbers make the same inputs. */
export class Mutator {
  readonly #random: Random;
  readonly #words: readonly Uint8Array[];
  readonly #lengthMax: number;
  readonly #mutatedMax: number;

  /** @param words pieces of the format */
  constructor(random: Random, words: readonly string[], lengthMax: number) {
    this.#random = random;
    this.#words = words.map((word) => Uint8Array.from(word, (letter) => letter.charCodeAt(0) & 0xff));
    this.#lengthMax = lengthMax;
    this.#mutatedMax = Math.min(lengthMax, MUTATED_LENGTH_MAX);
  }

  /** @param other from which a part may be taken */
  mutated(input: Uint8Array, other: Uint8Array): Uint8Array {
    let bytes = input;
    for (let steps = 1 + this.#below(STEPS_MAX); steps > 0; steps -= 1) bytes = this.#step(bytes, other);
    return bytes.length > this.#mutatedMax ? bytes.slice(0, this.#mutatedMax) : bytes;
  }

  /**
   * As long as an input can be: a piece of it is repeated. Such inputs show what takes too long.
   */
  stretched(input: Uint8Array): Uint8Array {
    const at = this.#below(input.length + 1);
    const piece = this.#random() < 0.5 ? this.#piece(input) : this.#word();
    const copies = Math.floor((this.#lengthMax - input.length) / Math.max(1, piece.length));
    const long = joined(input.subarray(0, at), ...Array.from({ length: Math.max(0, copies) }, () => piece));
    return joined(long, input.subarray(at)).slice(0, this.#lengthMax);
  }

  #step(bytes: Uint8Array, other: Uint8Array): Uint8Array {
    // What stands first mostly decides how the rest is read.
    const at = this.#below(this.#random() < HEAD_SHARE ? Math.min(HEAD_BYTES, bytes.length) + 1 : bytes.length + 1);
    switch (this.#below(11)) {
      case 0:
        return changed(bytes, at, (byte) => byte ^ (1 << this.#below(8)));
      case 1:
        return changed(bytes, at, () => this.#below(256));
      case 2:
        return changed(bytes, at, () => BYTES[this.#below(BYTES.length)] ?? 0);
      case 3:
        return changed(bytes, at, (byte) => byte + this.#below(7) - 3);
      case 4:
        return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + this.#below(PIECE_MAX)));
      case 5:
        return joined(bytes.subarray(0, at), bytes.subarray(Math.max(at, this.#below(bytes.length + 1))));
      case 6:
        return inserted(bytes, at, Uint8Array.of(BYTES[this.#below(BYTES.length)] ?? 0));
      case 7:
        return inserted(bytes, at, this.#part(bytes));
      case 8:
        return inserted(bytes, at, this.#part(other));
      case 9:
        return joined(bytes.subarray(0, at), other.subarray(this.#below(other.length + 1)));
      default: {
        const word = this.#word();
        const replaced = this.#random() < 0.5 ? word.length : 0;
        return joined(bytes.subarray(0, at), word, bytes.subarray(at + replaced));
      }
    }
  }

  #word(): Uint8Array {
    return this.#words[this.#below(this.#words.length)] ?? Uint8Array.of(this.#below(256));
  }

  #piece(bytes: Uint8Array): Uint8Array {
    const from = this.#below(bytes.length);
    return bytes.slice(from, from + 1 + this.#below(PIECE_MAX));
  }

  #part(bytes: Uint8Array): Uint8Array {
    const from = this.#below(bytes.length);
    return bytes.subarray(from, from + 1 + this.#below(COPIED_MAX));
  }

  #below(limit: number): number {
    return randomBelow(this.#random, limit);
  }
}

function changed(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  if (at < copy.length) copy[at] = change(copy[at] ?? 0);
  return copy;
}

function inserted(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  return joined(bytes.subarray(0, at), piece, bytes.subarray(at));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
