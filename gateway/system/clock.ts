/**
 * Monotonic milliseconds with sub-millisecond fraction, the same origin in every thread of the process (CLOCK_MONOTONIC), which
 * `performance.now()` does not give: its origin differs by thread.
 */
export function monoMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
