import { after, type MonoMs, type WallMs } from '../../protocol/clocks.ts';

/**
 * Monotonic milliseconds with a fraction, from the same origin in every thread of the process
 * (CLOCK_MONOTONIC). `performance.now()` has another origin in each thread.
 */
export function monoMs(): MonoMs {
  return (Number(process.hrtime.bigint()) / 1e6) as MonoMs;
}

/** The wall clock's time. */
export function wallMs(): WallMs {
  return Date.now() as WallMs;
}

/** Both clocks at this moment. */
export function bothClocks(): { readonly monoMs: MonoMs; readonly wallMs: WallMs } {
  return { monoMs: monoMs(), wallMs: wallMs() };
}

/** The wall clock's time at a moment of the monotonic clock, as the wall clock is set now. */
export function wallTimeOf(atMs: MonoMs): WallMs {
  return after(wallMs(), atMs - monoMs());
}

/** What the time zone of this machine is ahead of UTC at a moment; daylight saving included. */
export function localOffsetMs(wallMs: WallMs): number {
  return -new Date(wallMs).getTimezoneOffset() * 60_000;
}
