import type { AlertProgress } from '../alert-progress.ts';
import type { KeptAlert } from '../alerts/kept-alert.ts';
import type { KeptDelivery } from '../delivery/delivery.ts';
import type { AlertRaised, KeptRecord, Progress, ReportMade, Sequences } from '../journal-record.ts';
import type { Closing } from '../make-report.ts';
import type { EarlierReport, Report } from '../report.ts';

type Attempted = Extract<Progress, { t: 'attempt' }>;
type Ended = Extract<Progress, { t: 'outcome' }>;

/** CAP's `references` name the alarm, and at most this many of the updates after it. */
const EARLIER_MAX = 15;

/** An alert or another report, as the records so far describe it. */
export class OpenReport implements AlertProgress {
  readonly of: AlertRaised | ReportMade;
  readonly deliveries = new Map<string, KeptDelivery>();
  to: readonly string[] | undefined;
  readonly earlier: EarlierReport[] = [];
  lastUpdate: Report | undefined;
  notConfirmed = false;
  closed: Closing | undefined;
  closingReported = false;
  /** The records that still matter. Each replaces the one before it with the same key. */
  readonly #attempts = new Map<string, Attempted>();
  readonly #done = new Map<string, Ended>();
  #acknowledgement: Ended | undefined;
  #handOver: Ended | undefined;
  readonly #said = new Map<Progress['t'], Progress>();

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
    return this.#attempts.size > 0;
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
    return [...this.#attempts.values()].reduce((sum, { n }) => sum + n, 0);
  }

  /** The journal's key for it. */
  get key(): string {
    return this.of.t === 'alert' ? `alert:${this.of.id}` : `report:${this.report.id}`;
  }

  apply(record: Progress): void {
    switch (record.t) {
      case 'attempt':
        this.#attempts.set(record.path, record);
        this.#delivery(record.path, { attempts: record.n, format: record.format });
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
    this.#said.set(record.t, record);
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
    const ends = [...firsts, ...this.#done.values()];
    return {
      t: 'kept',
      at: of.at,
      of,
      progress: [...this.#attempts.values(), ...new Set(ends), ...this.#said.values()],
      ...(earlier.length > 0 && { earlier: [...earlier] }),
      ...(lastUpdate !== undefined && { lastUpdate }),
      ...(closingReported && { closingReported }),
    };
  }

  #ended(record: Ended): void {
    const { path, outcome, completes } = record;
    if (outcome !== 'handedOver' && outcome !== 'receiverAcknowledged') return;
    this.#done.set(path, record);
    // An acknowledgement says more than a hand-over, in whatever order they come.
    const isAcknowledged = outcome === 'receiverAcknowledged' || this.deliveries.get(path)?.done === 'acknowledged';
    this.#delivery(path, { done: isAcknowledged ? 'acknowledged' : 'handedOver' });
    if (outcome === 'receiverAcknowledged') this.#acknowledgement ??= record;
    else if (completes === true) this.#handOver ??= record;
  }

  #delivery(path: string, change: Partial<KeptDelivery>): void {
    this.deliveries.set(path, { attempts: 1, format: 0, ...this.deliveries.get(path), ...change });
  }
}
