import { after, later, type MonoMs } from '../../../protocol/clocks.ts';

/** What waited for an input is heard within this time: a bus node repeats a press every 2.4 s. */
const SETTLES_MS = 5_000;
/** A heartbeat that is late by more is overdue. */
const OVERDUE_PART = 1.25;

/** What is known of the way to a device, monotonic ms. */
interface Heard {
  /** When its input came up last. */
  readonly inputUpMs: MonoMs;
  /** When it gave its last sign of life. */
  readonly aliveMs: MonoMs;
  /** 0: it gives none between events. */
  readonly heartbeatMs: number;
}

/**
 * May a message that a device sends now have waited since before `sinceMs`? Its input came up just
 * now, or it is overdue: the line to it was cut and is whole again. No wire says how old a press
 * is.
 */
export function mayHaveWaited({ inputUpMs, aliveMs, heartbeatMs }: Heard, sinceMs: MonoMs, nowMs: MonoMs): boolean {
  const settledMs = after(inputUpMs, SETTLES_MS);
  if (settledMs > sinceMs && nowMs < settledMs) return true;
  if (heartbeatMs === 0 || aliveMs >= sinceMs) return false;
  return nowMs - later(aliveMs, inputUpMs) > heartbeatMs * OVERDUE_PART + SETTLES_MS;
}
