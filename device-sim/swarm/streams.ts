import { type Random, seededRandom } from '../random.ts';

/**
 * Random numbers by name: each wire, device and far end draws from a stream of its own, so an event
 * that is taken out of a life disturbs no other.
 */
export class Streams {
  readonly #seed: number;
  readonly #streams = new Map<string, Random>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  of(name: string): Random {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const made = seededRandom(hashOf(name, this.#seed));
    this.#streams.set(name, made);
    return made;
  }
}

/** FNV-1a, 32 bits, of a seed and a text. */
function hashOf(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  // The seeds of neighbours differ in one bit only: mix it into all.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** One of the values. */
export function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

/** A number from `least` up to `most`. */
export function between(random: Random, least: number, most: number): number {
  return least + random() * (most - least);
}

/** A whole number from `least` to `most`, both possible. */
export function wholeBetween(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}
