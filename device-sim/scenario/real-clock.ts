import type { History } from './history.ts';
import type { RunClock } from './run-scenario.ts';

/** Expectations are judged at most this often: a storm brings thousands of documents. */
const JUDGED_EVERY_MS = 20;

/** The monotonic clock. `begin` sets it to 0. */
export class RealClock implements RunClock {
  readonly #stopped: AbortSignal;
  #zeroMs = performance.now();

  constructor(stopped: AbortSignal) {
    this.#stopped = stopped;
  }

  begin(): void {
    this.#zeroMs = performance.now();
  }

  nowMs(): number {
    return performance.now() - this.#zeroMs;
  }

  async until(atMs: number, history: History): Promise<void> {
    const leftMs = Math.max(0, atMs - this.nowMs());
    let off: () => void = () => undefined;
    let timer: NodeJS.Timeout | undefined;
    this.#stopped.throwIfAborted();
    await new Promise<void>((resolve) => {
      const wake = () => resolve();
      this.#stopped.addEventListener('abort', wake);
      timer = setTimeout(wake, Math.min(leftMs + 1, 2 ** 31 - 1));
      const ignore = history.on(wake);
      off = () => {
        this.#stopped.removeEventListener('abort', wake);
        ignore();
      };
    });
    clearTimeout(timer);
    off();
    this.#stopped.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, Math.min(leftMs, JUDGED_EVERY_MS)));
  }
}
