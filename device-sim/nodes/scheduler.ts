/** Time of the simulated devices: real time, or a test's own clock. */
export interface Scheduler {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /**
   * Calls `run` once, after `delayMs` or a little later. Returns a function that cancels the call.
   */
  after(delayMs: number, run: () => void): () => void;
}

export const realTime: Scheduler = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
