import type { AlertState } from '../../protocol/states.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import { alertState, isNotConfirmed } from '../core/alert-progress.ts';
import { type RecordedAlert, recordedAlerts } from '../journal/alert-history.ts';
import { readJournal, type StoredEntry } from '../journal/read-journal.ts';
import { readAgain } from './journal-place.ts';
import { jsonText } from './json-output.ts';
import { localTime, whoText } from './terminal-text.ts';

export interface ListedAlert {
  readonly id: string;
  readonly kind: string;
  /** `drill` and `test` are not real alarms. */
  readonly mode: 'live' | 'drill' | 'test';
  readonly device: string;
  readonly text: string;
  readonly raised_at: string;
  /** `sent`: a path has made at least one attempt. */
  readonly state: AlertState;
  readonly not_confirmed: boolean;
  readonly attempts: number;
  readonly attempts_by_path: Readonly<Record<string, number>>;
  readonly acknowledged_at?: string;
  readonly acknowledged_by_path?: string;
  /** A path handed the alert over, and its plan is complete with that. */
  readonly handed_over_at?: string;
  readonly handed_over_by_path?: string;
  readonly closed_by?: string;
  readonly closed_reason?: string;
}

/** Lists the journal's alerts, oldest first. Works beside a running gateway. */
export function listAlerts(entries: Iterable<Pick<StoredEntry, 'entry'>>): ListedAlert[] {
  return recordedAlerts(entries).map(listed);
}

function listed({ raised, progress }: RecordedAlert): ListedAlert {
  const { id, kind, device, report, at } = raised;
  const { acknowledged, handedOver, closed } = progress;
  return {
    id,
    kind,
    mode: report.exercise ?? 'live',
    device,
    text: report.text,
    raised_at: isoTime(at),
    state: alertState(progress),
    not_confirmed: isNotConfirmed(progress),
    attempts: progress.attempts,
    attempts_by_path: Object.fromEntries(
      [...progress.deliveries].flatMap(([path, { attempts }]) => (attempts > 0 ? [[path, attempts]] : [])),
    ),
    ...(acknowledged && { acknowledged_at: isoTime(acknowledged.at), acknowledged_by_path: acknowledged.path }),
    ...(handedOver && { handed_over_at: isoTime(handedOver.at), handed_over_by_path: handedOver.path }),
    ...(closed && { closed_by: closed.by, closed_reason: closed.reason }),
  };
}

/** Names both who closed an alert and which path delivered it: they are separate facts. */
function stateText(alert: ListedAlert): string {
  const { state, closed_by: by, closed_reason: reason } = alert;
  const delivered = deliveredText(alert);
  if (state === 'acknowledged') return delivered ?? state;
  const said = by === undefined ? state : `${state} by ${whoText(by)}: ${JSON.stringify(reason ?? '')}`;
  return delivered === undefined ? said : `${said}, ${delivered}`;
}

function deliveredText(alert: ListedAlert): string | undefined {
  if (alert.acknowledged_by_path !== undefined) return `acknowledged by ${alert.acknowledged_by_path}`;
  return alert.handed_over_by_path === undefined ? undefined : `handed over by ${alert.handed_over_by_path}`;
}

/** Which alerts are shown. Absent: all. */
export interface AlertSelection {
  /** Those that are not resolved or cancelled. */
  readonly open?: boolean;
  /** Those raised at this time or later. */
  readonly since?: Date;
  /** The newest. */
  readonly limit?: number;
}

export function selected(alerts: readonly ListedAlert[], { open, since, limit }: AlertSelection): ListedAlert[] {
  const all = alerts.filter((alert) => {
    return (open !== true || isOpen(alert)) && (since === undefined || new Date(alert.raised_at) >= since);
  });
  return limit === undefined ? all : all.slice(-limit);
}

function isOpen({ state }: ListedAlert): boolean {
  return state !== 'resolved' && state !== 'cancelled';
}

/** "central 1, radio 2 attempts" */
function attemptsText({ attempts_by_path: paths }: ListedAlert): string {
  const each = Object.entries(paths);
  if (each.length === 0) return 'no attempt';
  const isOne = each.length === 1 && each[0]?.[1] === 1;
  return `${each.map(([path, count]) => `${path} ${count}`).join(', ')} ${isOne ? 'attempt' : 'attempts'}`;
}

/** @param directories every directory that may hold a part of the journal */
export function printAlerts(
  directories: readonly string[],
  json: boolean,
  out: (line: string) => void,
  which: AlertSelection = {},
): number {
  const all = readAgain(directories, (there) => listAlerts(readJournal(there)));
  const alerts = selected(all, which);
  if (json) {
    out(jsonText({ ok: true, alerts }));
    return 0;
  }
  if (alerts.length === 0) out(all.length === 0 ? 'No alerts in this journal.' : 'No such alerts in this journal.');
  const now = new Date();
  for (const alert of alerts) {
    const doubt = alert.not_confirmed ? '  NOT CONFIRMED' : '';
    const at = localTime(alert.raised_at, now);
    out(`${at}  ${stateText(alert)}${doubt}  ${alert.text}  (${alert.id}; ${attemptsText(alert)})`);
  }
  const open = alerts.filter(isOpen).map(({ id }) => id);
  if (open.length > 0) out(`Open, to be resolved or cancelled: ${open.join(', ')}`);
  return 0;
}
