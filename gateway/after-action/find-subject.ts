import type { AfterActionSubject } from '../../protocol/after-action-document.ts';
import type { JournalRecord } from '../core/journal-record.ts';
import { DrillHistory } from './drill-history.ts';
import type { HistoryScope } from './journal-history.ts';
import { RecordedClock } from './recorded-clock.ts';

/** What somebody asks a report about. */
export type AfterActionRequest =
  | { readonly kind: 'alert'; readonly alert: string }
  | { readonly kind: 'period'; readonly fromMs: number; readonly untilMs: number }
  /** The newest drill; with `scope`, the newest of that scope. */
  | { readonly kind: 'drill'; readonly scope?: string };

interface FoundSubject {
  readonly about: AfterActionSubject;
  readonly scope: HistoryScope;
}

/** A drill or a press says too little about a path: it is judged over this time before it, too. */
const SUPERVISED_MS = 30 * 86_400_000;

/**
 * Finds the time that a report covers.
 *
 * @param records of the whole journal, oldest first
 * @returns undefined if the journal has no such alert or drill
 */
export function findSubject(
  records: Iterable<JournalRecord>,
  request: AfterActionRequest,
  nowMs: number,
): FoundSubject | undefined {
  switch (request.kind) {
    case 'alert':
      return findAlert(records, request.alert, nowMs);
    case 'drill':
      return findDrill(records, request.scope, nowMs);
    case 'period': {
      const period = { from: request.fromMs, until: request.untilMs };
      return { about: { kind: 'period' }, scope: { period, supervised: period } };
    }
  }
}

function findAlert(records: Iterable<JournalRecord>, alert: string, nowMs: number): FoundSubject | undefined {
  let raisedAt: number | undefined;
  let closedAt: number | undefined;
  for (const record of records) {
    if (record.t === 'alert' && record.id === alert) raisedAt = record.at;
    if (record.t === 'closed' && record.alert === alert) closedAt ??= record.at;
  }
  if (raisedAt === undefined) return undefined;
  const until = Math.max(raisedAt, closedAt ?? nowMs);
  return { about: { kind: 'alert', alert }, scope: { ...spans(raisedAt, until), alert } };
}

function findDrill(
  records: Iterable<JournalRecord>,
  scope: string | undefined,
  nowMs: number,
): FoundSubject | undefined {
  const clock = new RecordedClock();
  const drills = new DrillHistory(clock);
  for (const record of records) {
    clock.add(record);
    if (record.t === 'drill') drills.add(record);
  }
  const drill = drills.accounts().findLast((each) => scope === undefined || each.scope === scope);
  if (drill === undefined) return undefined;
  const from = Date.parse(drill.started_at);
  const until = drill.ended === null ? Math.max(from, nowMs) : Date.parse(drill.ended.at);
  return { about: { kind: 'drill', ...drill }, scope: { ...spans(from, until), drill } };
}

/** The clock may have been set back meanwhile. */
function spans(begun: number, ended: number): Pick<HistoryScope, 'period' | 'supervised'> {
  const period = { from: Math.min(begun, ended), until: Math.max(begun, ended) };
  return { period, supervised: { from: period.from - SUPERVISED_MS, until: period.until } };
}
