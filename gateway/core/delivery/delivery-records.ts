import type { MonoMs, WallMs } from '../../../protocol/clocks.ts';
import type { JournalRecord } from '../journal-record.ts';
import type { Outcome } from '../report.ts';
import type { Now } from '../time.ts';
import { type Delivery, partsOf } from './delivery.ts';

type Ended = Extract<JournalRecord, { t: 'outcome' }>;

/** A digest has no records of its own: the alarms in it have theirs. */
export function attemptRecords(delivery: Delivery, path: string, at: WallMs): JournalRecord[] {
  return partsOf(delivery).map(({ report, attempts, format }) => {
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
  return partsOf(delivery).map(({ report, attempts }) => {
    // Field by field: spreading them costs more than the rest of the record.
    const record: { -readonly [field in keyof Ended]: Ended[field] } = {
      t: 'outcome',
      at: now.wallMs,
      report: report.id,
      path,
      n: attempts,
      outcome: outcome.type === 'failed' ? outcome.reason : outcome.type,
    };
    if ('detail' in outcome && outcome.detail !== undefined) record.detail = outcome.detail;
    record.tookMs = roundedMs(now.monoMs - startedMs);
    if (sentMs !== undefined) record.sentMs = roundedMs(sentMs - startedMs);
    return record;
  });
}

/** Tenths are enough, and keep the records short. */
function roundedMs(ms: number): number {
  return Math.max(0, Math.round(ms * 10) / 10);
}
