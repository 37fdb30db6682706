import { isoTime } from '../../protocol/wall-time.ts';
import type { JournalRecord } from '../core/journal-record.ts';
import { readJournal, type StoredEntry } from '../journal/read-journal.ts';
import { readAgain } from './journal-place.ts';

export interface ListedAlert {
  readonly id: string;
  readonly kind: string;
  /** `drill` and `test` are not the real thing. */
  readonly mode: 'live' | 'drill' | 'test';
  readonly device: string;
  readonly text: string;
  readonly raised_at: string;
  state: 'raised' | 'sent' | 'acknowledged' | 'resolved' | 'cancelled';
  not_confirmed: boolean;
  attempts: number;
  acknowledged_at?: string;
  acknowledged_by_path?: string;
  closed_by?: string;
  closed_reason?: string;
}

/** What the journal says of each alert, oldest first. Works beside a running gateway. */
export function listAlerts(entries: Iterable<Pick<StoredEntry, 'entry'>>): ListedAlert[] {
  const alerts = new Map<string, ListedAlert>();
  const attempts = new AttemptCounts();
  for (const { entry } of entries) {
    const { record } = entry;
    if (record.t === 'alert') alerts.set(record.id, newListed(record));
    else if ('report' in record && typeof record.report === 'string') {
      const alert = alerts.get(record.report);
      if (alert !== undefined && record.t === 'attempt') alert.attempts = attempts.add(record);
      applyDelivery(alert, record);
    } else if ('alert' in record) applyState(alerts.get(record.alert), record);
  }
  return [...alerts.values()];
}

/** Of what was carried over only the last attempt on each path is there: its number says how many there were. */
class AttemptCounts {
  readonly #byReport = new Map<string, Map<string, number>>();

  /** Returns how many attempts the report has had, on all paths. */
  add({ report, path, n }: Extract<JournalRecord, { t: 'attempt' }>): number {
    const byPath = this.#byReport.get(report) ?? new Map<string, number>();
    this.#byReport.set(report, byPath.set(path, Math.max(n, byPath.get(path) ?? 0)));
    return [...byPath.values()].reduce((sum, count) => sum + count, 0);
  }
}

function newListed(record: Extract<JournalRecord, { t: 'alert' }>): ListedAlert {
  const { id, kind, device, report, at } = record;
  return {
    id,
    kind,
    mode: report.exercise ?? 'live',
    device,
    text: report.text,
    raised_at: isoTime(at),
    state: 'raised',
    not_confirmed: false,
    attempts: 0,
  };
}

function applyDelivery(alert: ListedAlert | undefined, record: JournalRecord): void {
  if (alert === undefined) return;
  if (record.t === 'attempt') {
    if (alert.state === 'raised') alert.state = 'sent';
  } else if (record.t === 'outcome' && record.outcome === 'receiverAcknowledged') {
    alert.acknowledged_at ??= isoTime(record.at);
    alert.acknowledged_by_path ??= record.path;
    alert.not_confirmed = false;
    if (alert.state === 'sent') alert.state = 'acknowledged';
  }
}

function applyState(alert: ListedAlert | undefined, record: JournalRecord): void {
  if (alert === undefined) return;
  if (record.t === 'notConfirmed') alert.not_confirmed = alert.acknowledged_at === undefined;
  else if (record.t === 'closed') {
    alert.state = record.state;
    alert.closed_by = record.by;
    alert.closed_reason = record.reason;
  }
}

/** Says who closed an alert, and which path acknowledged it: these are two things. */
function stateWords({ state, acknowledged_by_path: path, closed_by: by, closed_reason: reason }: ListedAlert): string {
  const acknowledged = path === undefined ? undefined : `acknowledged by ${path}`;
  if (state === 'acknowledged') return acknowledged ?? state;
  if (by === undefined) return state;
  const closed = `${state} by ${by}: ${JSON.stringify(reason ?? '')}`;
  return acknowledged === undefined ? closed : `${closed}, ${acknowledged}`;
}

/** @param directories all that the journal may be spread over */
export function printAlerts(directories: readonly string[], json: boolean, out: (line: string) => void): number {
  const alerts = readAgain(directories, (there) => listAlerts(readJournal(there)));
  if (json) {
    out(JSON.stringify(alerts, undefined, 2));
    return 0;
  }
  if (alerts.length === 0) out('No alerts in this journal.');
  for (const alert of alerts) {
    const doubt = alert.not_confirmed ? '  NOT CONFIRMED' : '';
    const attempts = alert.attempts === 1 ? '1 attempt' : `${alert.attempts} attempts`;
    out(`${alert.raised_at}  ${stateWords(alert)}${doubt}  ${alert.text}  (${alert.id}, ${attempts})`);
  }
  const open = alerts.filter(({ state }) => state !== 'resolved' && state !== 'cancelled').map(({ id }) => id);
  if (open.length > 0) out(`Open, to be resolved or cancelled: ${open.join(', ')}`);
  return 0;
}
