import type { Delivery } from './delivery.ts';
import type { JournalRecord } from './journal-record.ts';
import type { Outcome } from './report.ts';

/** A digest has no records of its own: what it stands for has. */
export function attemptRecords(delivery: Delivery, path: string, at: number): JournalRecord[] {
  return (delivery.members ?? [delivery]).map(({ report, attempts, format }) => {
    return { t: 'attempt', at, report: report.id, path, n: attempts, format };
  });
}

export function outcomeRecords(delivery: Delivery, path: string, outcome: Outcome, at: number): JournalRecord[] {
  const how =
    outcome.type === 'failed' ? { outcome: outcome.reason, detail: outcome.detail } : { outcome: outcome.type };
  return (delivery.members ?? [delivery]).map(({ report, attempts }) => {
    return { t: 'outcome', at, report: report.id, path, n: attempts, ...how };
  });
}
