/** Time for the simulated world: the real one, or a test's own. */
export interface Scheduler {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Calls `run` once, after `delayMs` or a little later. Returns how to call it off. */
  after(delayMs: number, run: () => void): () => void;
}

export const realTime: Scheduler = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
