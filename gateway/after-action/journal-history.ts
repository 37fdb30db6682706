import {
  type AlertMode,
  type DeviceProof,
  type DrillAccount,
  type PathAccount,
  type Place,
  type StepOnPath,
  TROUBLES_MAX,
  type TroubleAccount,
} from '../../protocol/after-action-document.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { AlertRaised, JournalRecord, TroubleRecord } from '../core/journal-record.ts';
import { AlertRecorder, modeOf, placeOf } from './alert-recorder.ts';
import { DrillHistory } from './drill-history.ts';
import { merged, PathHistory, type Span, within } from './path-history.ts';
import { type Moment, passedMs, RecordedClock } from './recorded-clock.ts';

type RecordOf<T extends JournalRecord['t']> = Extract<JournalRecord, { t: T }>;

interface Press {
  readonly raised: AlertRaised;
  readonly recorder: AlertRecorder;
}

interface Trouble {
  readonly text: string;
  readonly from: number;
  readonly isNotice: boolean;
  until?: number;
}

type Proof = Pick<DeviceProof, 'last_press' | 'last_acknowledged'> & { readonly place: Place | undefined };

/**
 * A gateway that runs writes all counters every six hours. A longer silence in its journal is a
 * clock that was set, as after a boot in 1970, and proves nothing about the time between.
 */
const QUIET_MS_MAX = 7 * 3_600_000;

/** Before Callpoint existed: a clock that shows it has not been set. */
const UNSET_BEFORE = Date.UTC(2026, 0, 1);

/** What the history is collected for. */
export interface HistoryScope {
  /** Alerts and troubles of this time are kept. */
  readonly period: Span;
  /** Paths are judged over this time. */
  readonly supervised: Span;
  /** Of these alerts only; absent: of all in the period. */
  readonly alert?: string;
  /** Those that were pressed while it ran, whatever the clock said then. */
  readonly drill?: DrillAccount;
}

/**
 * Everything that a report needs of the journal, collected in one pass. Its memory grows with the
 * alerts of the period, not with the journal.
 */
export class JournalHistory {
  readonly #scope: HistoryScope;
  readonly #alerts = new Map<string, Press>();
  /**
   * Alerts of a clock that had not been set, as after a boot in 1970. Each belongs to the report
   * until its run shows when it was: a real alert must not be missing.
   */
  readonly #undated = new Map<string, Press & { readonly raisedAt: Moment }>();
  /** Those whose run goes on. */
  readonly #undatedInRun = new Set<string>();
  /** Alerts outside of the period that no receiver has acknowledged yet. */
  readonly #others = new Map<string, Press>();
  readonly #paths = new Map<string, PathHistory>();
  readonly #troubles = new Map<string, Trouble>();
  readonly #proofs = new Map<string, Proof>();
  readonly #runs: { from: number; until: number }[] = [];
  readonly #clock = new RecordedClock();
  readonly #drills = new DrillHistory(this.#clock);
  /** Buttons that were held while the drill ran. Their alerts may come after its end. */
  readonly #heldInDrill = new Set<string>();

  constructor(scope: HistoryScope) {
    this.#scope = scope;
  }

  add(record: JournalRecord): void {
    this.#clock.add(record);
    this.#ran(record);
    switch (record.t) {
      case 'session':
        this.#undatedInRun.clear();
        break;
      case 'clockSet':
        this.#date(record.at);
        break;
      case 'alert':
        this.#raised(record);
        break;
      case 'attempt':
        this.#press(record.report)?.recorder.attempt(record);
        if (this.#isSupervised(record.at)) this.#path(record.path).attempted();
        break;
      case 'outcome':
        this.#ended(record);
        break;
      case 'notConfirmed':
        this.#press(record.alert)?.recorder.notConfirmed(record.at);
        break;
      case 'closed':
        this.#press(record.alert)?.recorder.closed(record);
        break;
      case 'report':
        if (record.report.class === 'update') {
          this.#press(record.report.alert?.id ?? '')?.recorder.updated(record.report, record.at);
        }
        break;
      case 'trouble':
        this.#trouble(record);
        break;
      case 'drill':
        this.#drills.add(record);
        break;
      case 'hold':
        if (this.#isDrillRunning()) this.#heldInDrill.add(record.id);
        break;
      case 'proven':
        this.#provenItem(record);
        break;
    }
  }

  /** Oldest first. */
  get presses(): readonly Press[] {
    return [...this.#undated.values(), ...this.#alerts.values()];
  }

  /** @param paths those of the configuration; others that the journal names follow them */
  paths(paths: readonly string[]): readonly PathAccount[] {
    const { supervised } = this.#scope;
    const observed = this.#observed();
    const names = new Set([...paths, ...this.#paths.keys()]);
    return [...names].map((path) => this.#path(path).account(supervised, observed));
  }

  /** Drills that ran in the period. */
  drills(): readonly DrillAccount[] {
    const { period } = this.#scope;
    return this.#drills.accounts().filter(({ started_at, ended }) => {
      const until = ended === null ? Number.POSITIVE_INFINITY : Date.parse(ended.at);
      return within({ from: Date.parse(started_at), until }, period) !== undefined;
    });
  }

  /** The newest ones of the period, oldest first, and how many there are. */
  troubles(): { readonly newest: readonly TroubleAccount[]; readonly count: number } {
    const { period } = this.#scope;
    const those = [...this.#troubles.values()].filter(({ from, until, isNotice }) => {
      // A notice takes no time.
      const end = isNotice ? from + 1 : (until ?? Number.POSITIVE_INFINITY);
      return within({ from, until: end }, period) !== undefined;
    });
    const newest = those.slice(-TROUBLES_MAX).map(({ text, from, until, isNotice }) => ({
      text,
      since_at: isoTime(from),
      restored_at: until === undefined ? null : isoTime(until),
      is_notice: isNotice,
    }));
    return { newest, count: those.length };
  }

  /** What is known of a device's presses; `undefined`: the journal has none. */
  proofOf(device: string): Proof | undefined {
    return this.#proofs.get(device);
  }

  get pressedDevices(): readonly string[] {
    return [...this.#proofs.keys()];
  }

  /** The gateway ran at least from the first record of a run to its last. */
  #observed(): Span[] {
    const parts = this.#runs.map((run) => within(run, this.#scope.supervised));
    return merged(parts.filter((part) => part !== undefined));
  }

  #ran({ t, at }: JournalRecord): void {
    const run = this.#runs.at(-1);
    if (run === undefined || t === 'session' || at > run.until + QUIET_MS_MAX) this.#runs.push({ from: at, until: at });
    // A carried record, and a standing trouble that is written again, have the time of their
    // beginning.
    else run.until = Math.max(run.until, at);
  }

  #raised(record: AlertRaised): void {
    const { id, at, report, device } = record;
    const press = { raised: record, recorder: new AlertRecorder(record, this.#clock) };
    if (at < UNSET_BEFORE && this.#isOfPeriod()) {
      this.#undated.set(id, { ...press, raisedAt: this.#clock.moment(at) });
      this.#undatedInRun.add(id);
    } else (this.#isWanted(record) ? this.#alerts : this.#others).set(id, press);
    if (report.alert === undefined || at > this.#scope.period.until) return;
    const before = this.#proofs.get(device);
    this.#proofs.set(device, {
      place: placeOf(report.alert),
      last_press: { at: isoTime(at), mode: modeOf(report) },
      last_acknowledged: before?.last_acknowledged ?? null,
    });
  }

  #isWanted({ id, at }: AlertRaised): boolean {
    const { alert, drill, period } = this.#scope;
    if (alert !== undefined) return id === alert;
    if (drill !== undefined) return this.#isDrillRunning() || this.#heldInDrill.has(id);
    return isWithin(at, period);
  }

  #isOfPeriod(): boolean {
    const { alert, drill } = this.#scope;
    return alert === undefined && drill === undefined;
  }

  /** The clock was set: it shows when the alerts before it were raised. */
  #date(at: number): void {
    if (at < UNSET_BEFORE) return;
    const now = this.#clock.moment(at);
    for (const id of this.#undatedInRun) {
      const press = this.#undated.get(id);
      if (press === undefined) continue;
      this.#undated.delete(id);
      const isWanted = isWithin(at - passedMs(press.raisedAt, now), this.#scope.period);
      (isWanted ? this.#alerts : this.#others).set(id, press);
    }
    this.#undatedInRun.clear();
  }

  #isDrillRunning(): boolean {
    const { drill } = this.#scope;
    return drill !== undefined && this.#drills.isRunning(drill);
  }

  #ended(record: RecordOf<'outcome'>): void {
    const { report, path, at } = record;
    const press = this.#press(report);
    const ended = press?.recorder.outcome(record) ?? { ended: record, begun: undefined };
    if (this.#isSupervised(at)) this.#path(path).ended(ended);
    if (press === undefined || record.outcome !== 'receiverAcknowledged') return;
    const isOther = this.#others.delete(report);
    const { acknowledged } = press.recorder.account(undefined);
    if (acknowledged !== null && (isOther || acknowledged.path === path)) this.#proven(press.raised, acknowledged);
  }

  #proven({ device, report }: AlertRaised, acknowledged: StepOnPath): void {
    this.#acknowledged(device, { ...acknowledged, mode: modeOf(report) });
  }

  /** The record outlives those of the press itself. */
  #provenItem({ item, at, proof }: RecordOf<'proven'>): void {
    const [, device] = /^button:([^/]+)\//.exec(item) ?? [];
    const [first] = proof.paths;
    if (device === undefined || first === undefined) return;
    const { path, ms } = first;
    const mode: AlertMode = proof.kind === 'alert' ? 'live' : proof.kind === 'drill' ? 'drill' : 'test';
    this.#acknowledged(device, { path, at: isoTime(at + (ms ?? 0)), after_ms: ms ?? null, mode });
  }

  #acknowledged(device: string, last: NonNullable<DeviceProof['last_acknowledged']>): void {
    const before = this.#proofs.get(device) ?? { place: undefined, last_press: null, last_acknowledged: null };
    if (Date.parse(last.at) > this.#scope.period.until) return;
    const isNewer = before.last_acknowledged === null || before.last_acknowledged.at < last.at;
    if (isNewer) this.#proofs.set(device, { ...before, last_acknowledged: last });
  }

  #trouble(record: TroubleRecord): void {
    const { id, at, state, text, type, subject } = record;
    if (type === 'pathDown') {
      if (state === 'standing') this.#path(subject).down(id, at);
      if (state === 'restored') this.#path(subject).up(id, at);
    }
    const known = this.#troubles.get(id);
    if (known === undefined && at > this.#scope.period.until) return;
    if (known !== undefined && state === 'restored') known.until ??= at;
    else if (known === undefined && state !== 'restored') {
      this.#troubles.set(id, { text, from: at, isNotice: state === 'notice' });
    }
    this.#forgetOver(id);
  }

  /** A trouble that ended before the period is none of it. */
  #forgetOver(id: string): void {
    const { from, until, isNotice } = this.#troubles.get(id) ?? { from: 0, until: undefined, isNotice: false };
    const end = isNotice ? from : until;
    if (end !== undefined && end < this.#scope.period.from) this.#troubles.delete(id);
  }

  #press(id: string): Press | undefined {
    return this.#alerts.get(id) ?? this.#undated.get(id) ?? this.#others.get(id);
  }

  #path(path: string): PathHistory {
    const known = this.#paths.get(path);
    if (known !== undefined) return known;
    const history = new PathHistory(path);
    this.#paths.set(path, history);
    return history;
  }

  #isSupervised(at: number): boolean {
    return isWithin(at, this.#scope.supervised);
  }
}

/** Both ends belong to it. */
function isWithin(at: number, { from, until }: Span): boolean {
  return at >= from && at <= until;
}
