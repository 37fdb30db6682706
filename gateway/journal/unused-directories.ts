import { after, LONG_AGO_MS, type MonoMs } from '../../protocol/clocks.ts';
import { attempt, type EngineDirectories } from './engine-directories.ts';
import type { EngineHealth } from './engine-health.ts';
import { RETRY_MS } from './spare-segment.ts';

interface UnusedDirectoriesDeps {
  readonly directories: EngineDirectories;
  readonly health: EngineHealth;
  /** Opens a directory where its disk is. Throws. */
  readonly open: (directory: string) => void;
  readonly monoMs: () => MonoMs;
}

/**
 * Looks at the directories that are not written to while the first one works: one that is gone
 * would else be noticed only when it is needed.
 */
export class UnusedDirectories {
  readonly #deps: UnusedDirectoriesDeps;
  #afterMs = LONG_AGO_MS;

  constructor(deps: UnusedDirectoriesDeps) {
    this.#deps = deps;
  }

  /** The journal returns to the first directory by itself. */
  look(all: readonly string[], inUse: string | undefined): void {
    const { directories, health, monoMs, open } = this.#deps;
    const now = monoMs();
    if (now < this.#afterMs) return;
    this.#afterMs = after(now, RETRY_MS);
    for (const directory of all.slice(1)) {
      if (directory === inUse) continue;
      const isGone = directories.isGone(directory);
      if (isGone) {
        directories.lose(directory);
        health.degrade(`${directory}: deleted, moved or unmounted while the gateway runs`);
      }
      const trouble = attempt(() => open(directory));
      if (trouble !== undefined && !isGone) health.degrade(trouble);
    }
  }
}
