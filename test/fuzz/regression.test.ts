import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../device-sim/random.ts';
import { targets } from './all-targets.ts';
import { CORPUS, readInputs } from './corpus.ts';
import { Mutator } from './mutator.ts';
import { type FuzzTarget, lengthMaxOf, seedsOf } from './target.ts';

/** The same everywhere, so that a commit that passed does not fail elsewhere. */
const MUTATIONS = 300;

function knownInputs(target: FuzzTarget): readonly Uint8Array[] {
  return [...seedsOf(target), ...readInputs(CORPUS, target.name), new Uint8Array(0)];
}

describe('no parser breaks a promise', () => {
  test.each(targets)('$name', (target) => {
    const known = knownInputs(target);
    for (const input of known) target.run(input.slice());
    const mutator = new Mutator(seededRandom(18), target.words ?? [], lengthMaxOf(target));
    for (let at = 0; at < (target.mutations ?? MUTATIONS); at += 1) {
      const [input, other] = [known[at % known.length], known[(at * 7 + 3) % known.length]];
      if (input !== undefined && other !== undefined) target.run(mutator.mutated(input, other));
    }
  });
});

describe('streams that never end are read in bounded memory', () => {
  /** More than any stream holds: a line of a recording has up to 512 kB. */
  const CHUNKS = 10;
  const CHUNK_BYTES = 65_536;
  const GROWTH_BYTES_MAX = 512 * 1024;
  const ROUNDS_MAX = 4;
  const streaming = targets.filter(({ stream }) => stream !== undefined);

  test.each([
    ['nothing ends', () => Uint8Array.of(0x41)],
    ['a message is without its end', (seed: Uint8Array) => seed.subarray(0, 1 + (seed.length >> 1))],
  ])('in which %s', (_, pieceOf) => {
    const streams = streaming.map((target) => {
      const piece = pieceOf(seedsOf(target)[0] ?? new Uint8Array(1));
      const chunk = Uint8Array.from({ length: CHUNK_BYTES }, (_, at) => piece[at % piece.length] ?? 0);
      return { take: target.stream?.(), chunk };
    });
    expect(streams.length).toBeGreaterThan(10);
    let growth = Number.POSITIVE_INFINITY;
    let before = Number.NaN;
    // All at once, because a collection costs more than what they do. What is held without a limit
    // grows in every round.
    for (let round = 0; round < ROUNDS_MAX && !(growth < GROWTH_BYTES_MAX); round += 1) {
      for (let fed = 0; fed < CHUNKS; fed += 1) for (const { take, chunk } of streams) take?.(chunk.slice());
      const after = heldBytes();
      growth = after - before;
      before = after;
    }
    expect(growth).toBeLessThan(GROWTH_BYTES_MAX);
  });
});

/** After a collection: what is left is held. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
