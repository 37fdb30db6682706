import type { KeptAlert } from './alert-book.ts';
import type { KeptDelivery } from './dispatcher.ts';
import type { AlertRaised, Checkpoint, JournalRecord, Sequences } from './journal-record.ts';
import type { Report } from './report.ts';

type TroubleRecord = Extract<JournalRecord, { t: 'trouble' }>;

/** What the journal's records add up to. */
export interface RestoredState {
  readonly session: number;
  /** Not over yet, in the order they were raised. */
  readonly alerts: readonly KeptAlert[];
  /** Every alert the records tell of, also those that are over: their presses are not new. */
  readonly heard: readonly AlertRaised[];
  /** Reports other than alarms that are not settled. */
  readonly reports: readonly KeptReport[];
  readonly troubles: readonly TroubleRecord[];
  readonly checkpoint: Checkpoint | undefined;
  /** Last sequence number used on each path. */
  readonly sequences: ReadonlyMap<string, number>;
}

export interface KeptReport {
  readonly report: Report;
  readonly sequences: Sequences;
  readonly deliveries: ReadonlyMap<string, KeptDelivery>;
}

interface Open {
  readonly report: Report;
  readonly sequences: Sequences;
  readonly raised: AlertRaised | undefined;
  readonly deliveries: Map<string, KeptDelivery>;
  acknowledged: boolean;
  notConfirmed: boolean;
  closed: KeptAlert['closed'];
}

/** Replays the records, oldest first. Records about what is unknown (older than what was kept) are passed over. */
export function restoredState(records: readonly JournalRecord[]): RestoredState {
  const open = new Map<string, Open>();
  const heard: AlertRaised[] = [];
  const troubles = new Map<string, TroubleRecord>();
  const sequences = new Map<string, number>();
  let session = 0;
  let checkpoint: Checkpoint | undefined;
  for (const record of records) {
    switch (record.t) {
      case 'session':
        session = Math.max(session, record.session);
        break;
      case 'counters':
        checkpoint = record;
        note(sequences, record.sequences);
        break;
      case 'trouble':
        if (record.state === 'standing') troubles.set(`${record.type}.${record.subject}`, record);
        else if (record.state === 'restored') troubles.delete(`${record.type}.${record.subject}`);
        break;
      case 'alert':
        heard.push(record);
        note(sequences, record.sequences);
        open.set(record.id, newOpen(record.report, record.sequences, record));
        break;
      case 'report':
        note(sequences, record.sequences);
        open.set(record.report.id, newOpen(record.report, record.sequences, undefined));
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
    heard,
    reports: kept.filter((each) => each.raised === undefined && !each.acknowledged),
    troubles: [...troubles.values()],
    checkpoint,
    sequences,
  };
}

type Progress = Extract<JournalRecord, { t: 'attempt' | 'outcome' | 'notConfirmed' | 'closed' }>;

function applyToOpen(open: ReadonlyMap<string, Open>, record: Progress): void {
  const one = open.get('report' in record ? record.report : record.alert);
  if (one === undefined) return;
  switch (record.t) {
    case 'attempt':
      one.deliveries.set(record.path, { attempts: record.n, format: record.format });
      break;
    case 'outcome':
      if (record.outcome === 'receiverAcknowledged') one.acknowledged = true;
      break;
    case 'notConfirmed':
      one.notConfirmed = true;
      break;
    case 'closed':
      one.closed = { state: record.state, by: record.by, reason: record.reason };
      break;
  }
}

function newOpen(report: Report, sequences: Sequences, raised: AlertRaised | undefined): Open {
  return {
    report,
    sequences,
    raised,
    deliveries: new Map(),
    acknowledged: false,
    notConfirmed: false,
    closed: undefined,
  };
}

function note(last: Map<string, number>, sequences: Sequences): void {
  for (const [path, sequence] of Object.entries(sequences)) last.set(path, sequence);
}

/**
 * The number of this start of the gateway: rises with every start, also over a lost data directory if the clock is right, because the
 * button bus must never use a (session, counter) twice with one key.
 */
export function nextSession(last: number, wallMs: number): number {
  return Math.max(last + 1, Math.floor(wallMs / 1000));
}
