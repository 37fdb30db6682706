import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after this number of ms. Ends the loop when all loops are stopped. */
export type Pause = (ms: number) => Promise<void>;

/** Loops that run in parallel until they are stopped. */
export class Loops {
  readonly #over = new AbortController();
  readonly #running: Promise<void>[] = [];
  readonly #failed: (error: unknown) => void;

  /** @param failed called when a loop ends with an error */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
    // Every pausing loop has a listener.
    setMaxListeners(0, this.#over.signal);
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  start(loop: (pause: Pause) => Promise<void>): void {
    const { signal } = this.#over;
    const pause: Pause = async (ms) => {
      await sleep(ms, undefined, { signal });
    };
    const running = loop(pause).catch((error: unknown) => {
      if (!signal.aborted) this.#failed(error);
    });
    this.#running.push(running);
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#running);
  }
}
