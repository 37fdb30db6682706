/** Returns a random number in [0, 1), uniformly distributed. */
export type Random = () => number;

/**
 * mulberry32 (T. Ettinger, public domain) is small, fast and the same on every machine. It is not
 * fit for keys. Only the low 32 bits of `seed` count.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Returns a random integer 0…`limit`−1. */
export function randomBelow(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
