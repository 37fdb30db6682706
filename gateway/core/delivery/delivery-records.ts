import type { WallMs } from '../../../protocol/clocks.ts';
import type { JournalRecord } from '../journal-record.ts';
import type { Outcome } from '../report.ts';
import type { Delivery } from './delivery.ts';

/** A digest has no records of its own: the alarms in it have theirs. */
export function attemptRecords(delivery: Delivery, path: string, at: WallMs): JournalRecord[] {
  return (delivery.members ?? [delivery]).map(({ report, attempts, format }) => {
    return { t: 'attempt', at, report: report.id, path, n: attempts, format };
  });
}

export function outcomeRecords(delivery: Delivery, path: string, outcome: Outcome, at: WallMs): JournalRecord[] {
  const how = { outcome: outcome.type === 'failed' ? outcome.reason : outcome.type, ...detailOf(outcome) };
  return (delivery.members ?? [delivery]).map(({ report, attempts }) => {
    return { t: 'outcome', at, report: report.id, path, n: attempts, ...how };
  });
}

function detailOf(outcome: Outcome): { readonly detail?: string } {
  return 'detail' in outcome && outcome.detail !== undefined ? { detail: outcome.detail } : {};
}
