import type { MonoMs, WallMs } from '../../../protocol/clocks.ts';
import type { JournalRecord } from '../journal-record.ts';
import type { Outcome } from '../report.ts';
import type { Now } from '../time.ts';
import type { Delivery } from './delivery.ts';

/** A digest has no records of its own: the alarms in it have theirs. */
export function attemptRecords(delivery: Delivery, path: string, at: WallMs): JournalRecord[] {
  return (delivery.members ?? [delivery]).map(({ report, attempts, format }) => {
    return { t: 'attempt', at, report: report.id, path, n: attempts, format };
  });
}

/** When an attempt began, and when its first byte left. */
export interface Timed {
  readonly startedMs: MonoMs;
  readonly sentMs: MonoMs | undefined;
}

interface EndedAttempt {
  readonly path: string;
  readonly outcome: Outcome;
  readonly flight: Timed;
  readonly now: Now;
}

export function outcomeRecords(delivery: Delivery, { path, outcome, flight, now }: EndedAttempt): JournalRecord[] {
  const { startedMs, sentMs } = flight;
  const how = { outcome: outcome.type === 'failed' ? outcome.reason : outcome.type, ...detailOf(outcome) };
  const times = {
    tookMs: roundedMs(now.monoMs - startedMs),
    ...(sentMs !== undefined && { sentMs: roundedMs(sentMs - startedMs) }),
  };
  return (delivery.members ?? [delivery]).map(({ report, attempts }) => {
    return { t: 'outcome', at: now.wallMs, report: report.id, path, n: attempts, ...how, ...times };
  });
}

/** Tenths are enough, and keep the records short. */
function roundedMs(ms: number): number {
  return Math.max(0, Math.round(ms * 10) / 10);
}

function detailOf(outcome: Outcome): { readonly detail?: string } {
  return 'detail' in outcome && outcome.detail !== undefined ? { detail: outcome.detail } : {};
}
