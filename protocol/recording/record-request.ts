import type { CommandFields } from '../gateway-command.ts';

/** What a client of the control socket asks to record. */
export interface RecordRequest {
  readonly forMs: number;
  /**
   * Monotonic ms from which times count: those of a recording that a restart of the gateway has
   * interrupted. Absent: now.
   */
  readonly sinceMs?: number;
}

export const RECORD_MS_MAX = 7 * 86_400_000;

/** @returns a text about what is wrong */
export function readRecordRequest({ for_ms: forMs, since_ms: sinceMs }: CommandFields): RecordRequest | string {
  if (typeof forMs !== 'number' || !(forMs > 0 && forMs <= RECORD_MS_MAX)) {
    return '"for_ms" must be a number of ms, at most a week';
  }
  if (sinceMs === undefined) return { forMs };
  if (typeof sinceMs !== 'number' || !(sinceMs >= 0)) return '"since_ms" must be a time of the monotonic clock';
  return { forMs, sinceMs };
}
