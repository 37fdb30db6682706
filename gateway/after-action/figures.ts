import type { AlertAccount, AlertFigures, Spread } from '../../protocol/after-action-document.ts';

/**
 * Fastest, median and slowest; `null` for no values. The median of an even count is the lower one.
 */
export function spreadOf(values: readonly number[]): Spread | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [fastest] = sorted;
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  const slowest = sorted.at(-1);
  if (fastest === undefined || median === undefined || slowest === undefined) return null;
  return { fastest, median, slowest };
}

/** @param deadlineMs absent: no configuration was read, and nothing can be judged in time */
export function alertFigures(alerts: readonly AlertAccount[], deadlineMs: number | undefined): AlertFigures {
  const acknowledged = alerts.filter((alert) => alert.acknowledged !== null);
  const handedOver = alerts.filter((alert) => alert.acknowledged === null && alert.handed_over !== null);
  const times = acknowledged.flatMap(({ acknowledged: step }) => {
    return step === null || step.after_ms === null ? [] : [step.after_ms];
  });
  const inTime = (ms: number) => deadlineMs !== undefined && ms <= deadlineMs;
  return {
    alerts: alerts.length,
    acknowledged: acknowledged.length,
    in_time: deadlineMs === undefined ? null : times.filter(inTime).length,
    handed_over: handedOver.length,
    unanswered: alerts.length - acknowledged.length - handedOver.length,
    not_confirmed: alerts.filter((alert) => alert.not_confirmed !== null).length,
    first_acknowledgement_ms: spreadOf(times),
  };
}
