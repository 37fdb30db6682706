/**
 * Monotonic milliseconds with a fraction, from the same origin in every thread of the process
 * (CLOCK_MONOTONIC). `performance.now()` has another origin in each thread.
 */
export function monoMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
