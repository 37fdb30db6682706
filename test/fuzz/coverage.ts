import { type Profiler, Session } from 'node:inspector';
import { invariant } from '../../gateway/core/invariant.ts';

/**
 * The blocks of the project's code that have run, as V8 counts them (`Profiler` of the DevTools
 * protocol). The code itself is not changed, so it runs at its own speed. Asking costs about a
 * millisecond.
 */
export class BlockCoverage {
  readonly #session = new Session();
  readonly #known = new Set<string>();
  readonly #folders: readonly string[];

  /**
   * Only code that is loaded after this is counted. @param folders URLs that the code begins with
   */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  get size(): number {
    return this.#known.size;
  }

  /** Forgets what ran since the last question. */
  skip(): void {
    this.#taken();
  }

  /** Blocks that ran since the last question, and were not yet remembered. */
  fresh(): readonly string[] {
    return [...this.#ran()].filter((block) => !this.#known.has(block));
  }

  remember(blocks: Iterable<string>): void {
    for (const block of blocks) this.#known.add(block);
  }

  *#ran(): Generator<string> {
    for (const { url, scriptId, functions } of this.#taken()) {
      if (!this.#folders.some((folder) => url.startsWith(folder))) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count > 0) yield `${scriptId}:${startOffset}-${endOffset}`;
        }
      }
    }
  }

  #taken(): readonly Profiler.ScriptCoverage[] {
    let taken: readonly Profiler.ScriptCoverage[] | undefined;
    // A session of the same thread answers before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error === null) taken = answer.result;
    });
    invariant(taken !== undefined, 'V8 counts the blocks that have run');
    return taken;
  }
}
