import type { KeptDelivery } from './dispatcher.ts';
import type { AlertRaised, Checkpoint, DrillRecord, JournalRecord, Sequences } from './journal-record.ts';
import type { KeptAlert } from './kept-alert.ts';
import { KeyWindows } from './key-windows.ts';
import { areKeys, isReadable, isWindow } from './record-shape.ts';
import type { EarlierReport, Report } from './report.ts';
import { troubleReportId } from './reports.ts';

type ReportRecord = Extract<JournalRecord, { t: 'report' }>;
export type TroubleRecord = Extract<JournalRecord, { t: 'trouble' }>;

/** What the journal's records add up to. */
export interface RestoredState {
  readonly session: number;
  /** Not over yet, in the order they were raised. */
  readonly alerts: readonly KeptAlert[];
  /** Reports other than alarms that are not settled. */
  readonly reports: readonly KeptReport[];
  /** Those that stand. */
  readonly troubles: readonly TroubleRecord[];
  /** Troubles, their ends and notices of which a crash cut off the report. */
  readonly unreported: readonly TroubleRecord[];
  /**
   * What was heard of each device under each of its keys: of all checkpoints, as one may have been written before older ones were read,
   * and of every alert, also those that are over: their presses are not new.
   */
  readonly windows: ReadonlyMap<string, KeyWindows>;
  /** Last sequence number used on each path. */
  readonly sequences: ReadonlyMap<string, number>;
  /** The last word on each drill that was not ended. */
  readonly drills: readonly DrillRecord[];
  /** Records that another version of the gateway wrote and this one can't read. */
  readonly unreadable: number;
}

export interface KeptReport {
  readonly report: Report;
  readonly sequences: Sequences;
  readonly deliveries: ReadonlyMap<string, KeptDelivery>;
  readonly to: readonly string[] | undefined;
}

interface Open {
  readonly report: Report;
  readonly sequences: Sequences;
  readonly raised: AlertRaised | undefined;
  readonly deliveries: Map<string, KeptDelivery>;
  to: readonly string[] | undefined;
  readonly earlier: EarlierReport[];
  lastUpdate: Report | undefined;
  acknowledged: boolean;
  acknowledgedBy: string | undefined;
  notConfirmed: boolean;
  closed: KeptAlert['closed'];
  closingReported: boolean;
}

/** Replays the records, oldest first. Records about what is unknown (older than what was kept) are passed over. */
export function restoredState(records: readonly JournalRecord[]): RestoredState {
  const open = new Map<string, Open>();
  const troubles = new Map<string, TroubleRecord>();
  const unreported = new Map<string, TroubleRecord>();
  const sequences = new Map<string, number>();
  let session = 0;
  let unreadable = 0;
  const windows = new Map<string, KeyWindows>();
  const drills = new Map<string, DrillRecord>();
  for (const record of records) {
    if (!isReadable(record)) {
      unreadable += 1;
      continue;
    }
    switch (record.t) {
      case 'session':
        session = Math.max(session, record.session);
        break;
      case 'counters':
        restoreWindows(windows, record);
        session = Math.max(session, record.session ?? 0);
        note(sequences, record.sequences);
        break;
      case 'heard':
        windowsOf(windows, record.device).of(record.key).accept(record);
        break;
      case 'trouble':
        if (!record.reported) unreported.set(troubleReportId(record), record);
        if (record.state === 'standing') troubles.set(`${record.type}.${record.subject}`, record);
        else if (record.state === 'restored') troubles.delete(`${record.type}.${record.subject}`);
        break;
      case 'alert':
        windowsOf(windows, record.device).of(record.key).accept(record);
        note(sequences, record.sequences);
        open.set(record.id, newOpen(record));
        break;
      case 'report':
        note(sequences, record.sequences);
        unreported.delete(record.report.id);
        aboutAlert(open, record.report);
        open.set(record.report.id, newOpen(record));
        break;
      case 'drill':
        if (record.state === 'running') drills.set(record.scope, record);
        else drills.delete(record.scope);
        break;
      case 'settled':
        open.delete(record.report);
        break;
      default:
        applyToOpen(open, record);
    }
  }
  const kept = [...open.values()];
  return {
    session,
    alerts: kept.flatMap((each) => (each.raised === undefined ? [] : [{ ...each, raised: each.raised }])),
    reports: kept.filter((each) => each.raised === undefined),
    troubles: [...troubles.values()],
    unreported: [...unreported.values()],
    windows,
    sequences,
    drills: [...drills.values()],
    unreadable,
  };
}

function restoreWindows(windows: Map<string, KeyWindows>, { devices, keys }: Checkpoint): void {
  for (const [device, saved] of Object.entries(keys ?? {})) {
    if (areKeys(saved)) for (const key of saved) windowsOf(windows, device).restore(key);
  }
  for (const [device, saved] of Object.entries(devices)) {
    if (!isWindow(saved)) continue;
    windowsOf(windows, device)
      .of(saved[3] ?? undefined)
      .restore(saved);
  }
}

function windowsOf(windows: Map<string, KeyWindows>, device: string): KeyWindows {
  const known = windows.get(device) ?? new KeyWindows();
  windows.set(device, known);
  return known;
}

/** News of an alert that is there: of its doors, or that it is over. */
function aboutAlert(open: ReadonlyMap<string, Open>, report: Report): void {
  const alert = report.follows === undefined ? undefined : open.get(report.follows);
  if (alert === undefined) return;
  if (report.class === 'update') {
    alert.earlier.push({ id: report.id, occurredMs: report.occurredMs });
    alert.lastUpdate = report;
  } else alert.closingReported = true;
}

type Progress = Extract<JournalRecord, { t: 'attempt' | 'outcome' | 'notConfirmed' | 'closed' | 'routed' }>;

function applyToOpen(open: ReadonlyMap<string, Open>, record: Progress): void {
  const one = open.get('report' in record ? record.report : record.alert);
  if (one === undefined) return;
  switch (record.t) {
    case 'attempt':
      one.deliveries.set(record.path, {
        ...one.deliveries.get(record.path),
        attempts: record.n,
        format: record.format,
      });
      break;
    case 'routed':
      one.to = record.to;
      break;
    case 'outcome':
      applyOutcome(one, record);
      break;
    case 'notConfirmed':
      one.notConfirmed = true;
      break;
    case 'closed':
      one.closed = { state: record.state, by: record.by, reason: record.reason };
      break;
  }
}

function applyOutcome(one: Open, { path, outcome }: Extract<JournalRecord, { t: 'outcome' }>): void {
  if (outcome !== 'handedOver' && outcome !== 'receiverAcknowledged') return;
  const done = outcome === 'handedOver' ? 'handedOver' : 'acknowledged';
  one.deliveries.set(path, { attempts: 1, format: 0, ...one.deliveries.get(path), done });
  if (done === 'handedOver' || one.acknowledged) return;
  one.acknowledged = true;
  one.acknowledgedBy = path;
}

function newOpen(record: AlertRaised | ReportRecord): Open {
  return {
    report: record.report,
    sequences: record.sequences,
    raised: record.t === 'alert' ? record : undefined,
    to: record.t === 'report' ? record.to : undefined,
    earlier: [],
    lastUpdate: undefined,
    deliveries: new Map(),
    acknowledged: false,
    acknowledgedBy: undefined,
    notConfirmed: false,
    closed: undefined,
    closingReported: false,
  };
}

function note(last: Map<string, number>, sequences: Sequences): void {
  for (const [path, sequence] of Object.entries(sequences)) if (Number.isInteger(sequence)) last.set(path, sequence);
}

/** The bus counts sessions in 32 bits. */
const LAST_SESSION = 0xffff_ffff;

/**
 * The number of this start of the gateway: rises with every start, also over a lost data directory if the clock is right, because the
 * button bus must never use a (session, counter) twice with one key.
 */
export function nextSession(last: number, wallMs: number): number {
  const seconds = Math.floor(wallMs / 1000);
  // A clock that says the year 2106 or later is wrong, and would leave no higher number for the next start.
  return Math.max(last + 1, seconds < LAST_SESSION ? seconds : 0);
}
