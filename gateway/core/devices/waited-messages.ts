import { after, later, type MonoMs } from '../../../protocol/clocks.ts';

/** What waited for an input is heard within this time: a bus node repeats a press every 2.4 s. */
export const SETTLES_MS = 5_000;
/** A heartbeat that is late by more is overdue. */
const OVERDUE_PART = 1.25;

/** What is known of the way to a device, monotonic ms. */
interface Heard {
  /**
   * When its input came up last, or its bridge, or when the device itself came back: the latest of
   * them.
   */
  readonly upMs: MonoMs;
  /** When it gave its last sign of life. */
  readonly aliveMs: MonoMs;
  /** It is known to be away. */
  readonly isLost: boolean;
  /** 0: it gives none between events. */
  readonly heartbeatMs: number;
}

/** A device that was silent for longer is overdue. */
export function overdueMs(heartbeatMs: number): number {
  return heartbeatMs === 0 ? Number.POSITIVE_INFINITY : heartbeatMs * OVERDUE_PART + SETTLES_MS;
}

/**
 * May a message that a device sends now have waited since before `sinceMs`? The way to it came up
 * just now, or it is away or overdue: the line to it was cut and is whole again. No wire says how
 * old a press is.
 */
export function mayHaveWaited({ upMs, aliveMs, isLost, heartbeatMs }: Heard, sinceMs: MonoMs, nowMs: MonoMs): boolean {
  const settledMs = after(upMs, SETTLES_MS);
  if (settledMs > sinceMs && nowMs < settledMs) return true;
  if (isLost) return true;
  return aliveMs < sinceMs && nowMs - later(aliveMs, upMs) > overdueMs(heartbeatMs);
}
