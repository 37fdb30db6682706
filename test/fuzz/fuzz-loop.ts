import { type Random, randomBelow } from '../../device-sim/random.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { BlockCoverage } from './coverage.ts';
import { Mutator } from './mutator.ts';
import { type FuzzTarget, lengthMaxOf } from './target.ts';

export interface Failure {
  readonly input: Uint8Array;
  /** What was thrown, or how long it took. */
  readonly what: string;
}

interface LoopEvents {
  /** Before each execution, so that an input that never returns is known. */
  begins(input: Uint8Array): void;
  /** Runs blocks that none has run before. */
  found(input: Uint8Array): void;
}

const BATCH_MAX = 1_024;
const BATCH_MS_MAX = 300;
/** Share of the time for inputs of the greatest length. */
const STRETCHED_SHARE = 0.1;
const SLOW = 'slow: ';
const SLOW_MS = 25;
const SHRINK_TRIES = 2_000;

/**
 * Looks for inputs that break a promise: mutates known inputs, and keeps those that run code that
 * no other input has run. The coverage is asked once for many executions. Only if they ran
 * something new, they are run again in halves until the input is found that did it.
 */
export class FuzzLoop {
  readonly #target: FuzzTarget;
  readonly #coverage: BlockCoverage;
  readonly #random: Random;
  readonly #mutator: Mutator;
  readonly #events: LoopEvents;
  readonly #corpus: Uint8Array[] = [];
  /** Time for inputs of the greatest length, and for all others. */
  #stretchedMs = 0;
  #mutatedMs = 0;
  #batchLength = 16;
  executions = 0;

  constructor(target: FuzzTarget, coverage: BlockCoverage, random: Random, events: LoopEvents) {
    this.#target = target;
    this.#coverage = coverage;
    this.#random = random;
    this.#events = events;
    this.#mutator = new Mutator(random, target.words ?? [], lengthMaxOf(target));
  }

  get corpusLength(): number {
    return this.#corpus.length;
  }

  /**
   * Runs known inputs, and keeps those that run something new, the shortest first. The seeds are
   * kept in any case.
   */
  begin(seeds: readonly Uint8Array[], others: readonly Uint8Array[]): Failure | undefined {
    this.#coverage.skip();
    for (const input of [...seeds, ...others].sort((a, b) => a.length - b.length)) {
      const failure = this.#take([input]);
      if (failure !== undefined) return failure;
    }
    this.#corpus.push(...seeds);
    return undefined;
  }

  /** Runs some thousand new inputs. */
  next(): Failure | undefined {
    if (this.#stretchedMs < STRETCHED_SHARE * this.#mutatedMs) return this.#takeStretched();
    const inputs = Array.from({ length: this.#batchLength }, () => this.#mutator.mutated(this.#known(), this.#known()));
    const before = this.#corpus.length;
    const beganMs = performance.now();
    const failure = this.#take(inputs);
    const tookMs = performance.now() - beganMs;
    this.#mutatedMs += tookMs;
    const isQuiet = this.#corpus.length === before && tookMs < BATCH_MS_MAX;
    this.#batchLength = isQuiet ? Math.min(BATCH_MAX, 2 * this.#batchLength) : Math.max(16, this.#batchLength >> 1);
    return failure;
  }

  /** Shortens an input as long as it still fails. */
  shrunk(failure: Failure): Failure {
    if (failure.what.startsWith(SLOW)) return failure;
    let best = failure;
    let tries = 0;
    for (let length = best.input.length >> 1; length >= 1; length >>= 1) {
      for (let at = 0; at < best.input.length && tries < SHRINK_TRIES; tries += 1) {
        const { input } = best;
        const shorter = Uint8Array.from([...input.subarray(0, at), ...input.subarray(at + length)]);
        const what = this.#fault(shorter);
        if (what === undefined || kindOf(what) !== kindOf(failure.what)) at += length;
        else best = { input: shorter, what };
      }
    }
    return best;
  }

  #known(): Uint8Array {
    // Half of the time one of the newest: they are the least explored.
    const { length } = this.#corpus;
    const newest = Math.max(0, length - 16);
    const at =
      this.#random() < 0.5 ? newest + randomBelow(this.#random, length - newest) : randomBelow(this.#random, length);
    return this.#corpus[at] ?? new Uint8Array(0);
  }

  #take(inputs: readonly Uint8Array[]): Failure | undefined {
    for (const input of inputs) {
      const what = this.#fault(input);
      if (what !== undefined) return { input, what };
    }
    const fresh = this.#coverage.fresh();
    if (fresh.length === 0) return undefined;
    const [first, ...rest] = inputs;
    if (first === undefined) return undefined;
    if (rest.length === 0) {
      this.#coverage.remember(fresh);
      this.#corpus.push(first);
      this.#events.found(first);
      return undefined;
    }
    const half = inputs.length >> 1;
    const failure = this.#take(inputs.slice(0, half)) ?? this.#take(inputs.slice(half));
    // Code that runs once in a process, such as what fills a cache, is not run again.
    this.#coverage.remember(fresh);
    return failure;
  }

  #takeStretched(): Failure | undefined {
    const { slowMs = SLOW_MS } = this.#target;
    const input = this.#mutator.stretched(this.#known());
    let leastMs = Number.POSITIVE_INFINITY;
    // The shortest of three: the first may have been compiled, or waited for a collection.
    for (let tries = 0; tries < 3 && leastMs > slowMs; tries += 1) {
      const beganMs = performance.now();
      const beganCpu = process.cpuUsage();
      const what = this.#fault(input);
      if (what !== undefined) return { input, what };
      const { user } = process.cpuUsage(beganCpu);
      const tookMs = performance.now() - beganMs;
      this.#stretchedMs += tookMs;
      // Other programs may have had the processor, or other threads have worked.
      leastMs = Math.min(leastMs, tookMs, user / 1000);
    }
    if (leastMs > slowMs) return { input, what: `${SLOW}${leastMs.toFixed(1)} ms for ${input.length} bytes` };
    return undefined;
  }

  #fault(input: Uint8Array): string | undefined {
    this.executions += 1;
    this.#events.begins(input);
    try {
      this.#target.run(input);
      return undefined;
    } catch (error) {
      return error instanceof Error ? (error.stack ?? messageOf(error)) : String(error);
    }
  }
}

/** Failures of one kind were thrown at the same place. */
function kindOf(what: string): string {
  return /\n\s+at .*/.exec(what)?.[0] ?? what.replace(/\d+/g, '0');
}
