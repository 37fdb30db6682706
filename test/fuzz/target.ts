/** A parser, or a place where bytes from outside enter, in the form that the fuzzer calls. */
export interface FuzzTarget {
  /** Its folder in the corpus. */
  readonly name: string;
  /** Good inputs to begin with, beside the files of the corpus. */
  readonly seeds: readonly (string | Uint8Array)[];
  /** Pieces of the format, which mutations put in. */
  readonly words?: readonly string[];
  /** Longest input that can come from outside, bytes. Default 4,096. */
  readonly lengthMax?: number;
  /** How many mutations a run of the tests tries. Default 300: a slow target has fewer. */
  readonly mutations?: number;
  /** Time that an input of the greatest length may take, ms. Default 25. */
  readonly slowMs?: number;
  /** Throws if a promise does not hold for these bytes, which are its own. */
  run(input: Uint8Array): void;
  /**
   * Begins a stream and returns the function that takes its next bytes. What a stream holds must
   * stay bounded, whatever is fed to it.
   */
  readonly stream?: () => (chunk: Uint8Array) => void;
}

const LENGTH_MAX = 4_096;

export function lengthMaxOf({ lengthMax = LENGTH_MAX }: FuzzTarget): number {
  return lengthMax;
}

/** The seeds as bytes; a text is UTF-8. */
export function seedsOf({ seeds }: FuzzTarget): readonly Uint8Array[] {
  const encoder = new TextEncoder();
  return seeds.map((seed) => (typeof seed === 'string' ? encoder.encode(seed) : seed));
}
