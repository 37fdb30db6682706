import type { AlertProgress } from '../alert-progress.ts';
import type { KeptAlert } from '../alerts/kept-alert.ts';
import type { KeptDelivery } from '../delivery/delivery.ts';
import type { AlertRaised, KeptRecord, Progress, ReportMade, Sequences } from '../journal-record.ts';
import type { Closing } from '../make-report.ts';
import type { EarlierReport, Report } from '../report.ts';

type Attempted = Extract<Progress, { t: 'attempt' }>;
type Ended = Extract<Progress, { t: 'outcome' }>;

/** The records about one path that still matter: the last of each kind. */
interface OnPath {
  attempt: Attempted | undefined;
  done: Ended | undefined;
  /** An acknowledgement says more than a hand-over, in whatever order they come. */
  isAcknowledged: boolean;
}

/** CAP's `references` name the alarm, and at most this many of the updates after it. */
const EARLIER_MAX = 15;

/** An alert or another report, as the records so far describe it. */
export class OpenReport implements AlertProgress {
  readonly of: AlertRaised | ReportMade;
  to: readonly string[] | undefined;
  readonly earlier: EarlierReport[] = [];
  lastUpdate: Report | undefined;
  notConfirmed = false;
  closed: Closing | undefined;
  closingReported = false;
  readonly #paths = new Map<string, OnPath>();
  #acknowledgement: Ended | undefined;
  #handOver: Ended | undefined;
  /** The last of each other kind. */
  readonly #said: Progress[] = [];

  constructor(of: AlertRaised | ReportMade) {
    this.of = of;
    this.to = of.t === 'report' ? of.to : undefined;
  }

  static from({ of, progress, earlier, lastUpdate, closingReported }: KeptRecord): OpenReport {
    const open = new OpenReport(of);
    for (const each of progress) open.apply(each);
    open.earlier.push(...(earlier ?? []));
    open.lastUpdate = lastUpdate;
    open.closingReported = closingReported === true;
    return open;
  }

  get report(): Report {
    return this.of.report;
  }

  get sequences(): Sequences {
    return this.of.sequences;
  }

  get isSent(): boolean {
    return this.#attempted().length > 0;
  }

  get deliveries(): ReadonlyMap<string, KeptDelivery> {
    const deliveries = new Map<string, KeptDelivery>();
    for (const [path, { attempt, done, isAcknowledged }] of this.#paths) {
      const state = done && ({ done: isAcknowledged ? 'acknowledged' : 'handedOver' } as const);
      deliveries.set(path, { attempts: attempt?.n ?? 1, format: attempt?.format ?? 0, ...state });
    }
    return deliveries;
  }

  /** A receiver has it, or its plan is complete in another way. */
  get isDelivered(): boolean {
    return (this.#acknowledgement ?? this.#handOver) !== undefined;
  }

  /** The record of the first acknowledgement. */
  get acknowledged(): Ended | undefined {
    return this.#acknowledgement;
  }

  /** The record that says that a hand-over completed the plan. */
  get handedOver(): Ended | undefined {
    return this.#handOver;
  }

  /** On all paths. */
  get attempts(): number {
    // Carried records include only the last attempt on each path. Its number says how many there
    // were.
    return this.#attempted().reduce((sum, { n }) => sum + n, 0);
  }

  /** The journal's key for it. */
  get key(): string {
    return this.of.t === 'alert' ? `alert:${this.of.id}` : `report:${this.report.id}`;
  }

  apply(record: Progress): void {
    switch (record.t) {
      case 'attempt':
        this.#path(record.path).attempt = record;
        return;
      case 'outcome':
        this.#ended(record);
        return;
      case 'routed':
        this.to = record.to;
        break;
      case 'notConfirmed':
        this.notConfirmed = true;
        break;
      case 'closed':
        this.closed = { state: record.state, by: record.by, reason: record.reason };
        break;
    }
    const before = this.#said.findIndex(({ t }) => t === record.t);
    this.#said[before < 0 ? this.#said.length : before] = record;
  }

  /** A report about the alert was made: an update, or that it is over. */
  followedBy(report: Report): void {
    if (report.class !== 'update') {
      this.closingReported = true;
      return;
    }
    // The journal has a record twice if its thread ended before it could report the record as
    // durable.
    if (!this.earlier.some(({ id }) => id === report.id)) {
      this.earlier.push({ id: report.id, occurredMs: report.occurredMs });
    }
    if (this.earlier.length > EARLIER_MAX) this.earlier.shift();
    this.lastUpdate = report;
  }

  keptAlert(raised: AlertRaised): KeptAlert {
    const { deliveries, acknowledged, handedOver, notConfirmed, closed } = this;
    const { earlier, lastUpdate, closingReported } = this;
    return {
      raised,
      deliveries,
      acknowledged,
      handedOver,
      notConfirmed,
      closed,
      earlier,
      lastUpdate,
      closingReported,
    };
  }

  /** One record that adds up to the same. */
  kept(): KeptRecord {
    const { of, earlier, lastUpdate, closingReported } = this;
    // The first acknowledgement comes before other outcomes: it names the acknowledging path.
    const firsts = [this.#handOver, this.#acknowledgement].filter((end) => end !== undefined);
    const ends = new Set(firsts);
    for (const { done } of this.#paths.values()) if (done !== undefined) ends.add(done);
    return {
      t: 'kept',
      at: of.at,
      of,
      progress: [...this.#attempted(), ...ends, ...this.#said],
      ...(earlier.length > 0 && { earlier: [...earlier] }),
      ...(lastUpdate !== undefined && { lastUpdate }),
      ...(closingReported && { closingReported }),
    };
  }

  #ended(record: Ended): void {
    const { path, outcome, completes } = record;
    if (outcome !== 'handedOver' && outcome !== 'receiverAcknowledged') return;
    const onPath = this.#path(path);
    onPath.done = record;
    if (outcome === 'receiverAcknowledged') {
      onPath.isAcknowledged = true;
      this.#acknowledgement ??= record;
    } else if (completes === true) this.#handOver ??= record;
  }

  #path(path: string): OnPath {
    const found = this.#paths.get(path);
    if (found !== undefined) return found;
    const onPath: OnPath = { attempt: undefined, done: undefined, isAcknowledged: false };
    this.#paths.set(path, onPath);
    return onPath;
  }

  /** The last attempt on each path. */
  #attempted(): Attempted[] {
    return [...this.#paths.values()].flatMap(({ attempt }) => attempt ?? []);
  }
}
