import type { IncomingHttpHeaders } from 'node:http';
import type { WallMs } from '../../protocol/clocks.ts';

/** A longer wait is cut to this: the core waits no longer anyway. */
const RETRY_AFTER_MS_MAX = 24 * 3_600_000;
const TEXT_LENGTH_MAX = 40;

/**
 * How long the far end asks us to wait (RFC 9110 §10.2.3): seconds, or a date. `undefined`: it does
 * not ask, or its value can't be read.
 */
export function retryAfterMs(headers: IncomingHttpHeaders, nowWallMs: WallMs): number | undefined {
  const written = headers['retry-after']?.trim() ?? '';
  const seconds = /^\d{1,12}$/.test(written) ? Number(written) : undefined;
  if (seconds !== undefined) return bounded(seconds * 1000);
  const untilMs = dateMs(written);
  if (untilMs === undefined) return undefined;
  // The server's clock made the date, so counting from the server's `Date` is better than counting
  // from our clock.
  return bounded(untilMs - (dateMs(headers.date ?? '') ?? nowWallMs));
}

function bounded(ms: number): number | undefined {
  return ms <= 0 ? undefined : Math.min(ms, RETRY_AFTER_MS_MAX);
}

/** RFC 9110 §5.6.7: the usual form and the two obsolete ones. asctime's names no time zone. */
function dateMs(text: string): number | undefined {
  if (text.length > TEXT_LENGTH_MAX || !/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return undefined;
  const ms = Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
  return Number.isFinite(ms) ? ms : undefined;
}
