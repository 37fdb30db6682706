import type { Delivery } from './delivery.ts';
import type { JournalRecord } from './journal-record.ts';
import type { Outcome } from './report.ts';

export function attemptRecord({ report, attempts, format }: Delivery, path: string, at: number): JournalRecord {
  return { t: 'attempt', at, report: report.id, path, n: attempts, format };
}

export function outcomeRecord(delivery: Delivery, path: string, outcome: Outcome, at: number): JournalRecord {
  const fact = { t: 'outcome', at, report: delivery.report.id, path, n: delivery.attempts } as const;
  if (outcome.type !== 'failed') return { ...fact, outcome: outcome.type };
  return { ...fact, outcome: outcome.reason, detail: outcome.detail };
}
