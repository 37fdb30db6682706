import { after, type MonoMs } from '../../../protocol/clocks.ts';
import { alertState } from '../alert-progress.ts';
import type { Context } from '../context.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { ReportEnd } from '../delivery/dispatch.ts';
import type { Dispatcher } from '../delivery/dispatcher.ts';
import { plannedRoute } from '../delivery/route.ts';
import { submitReport } from '../delivery/standing-reports.ts';
import { invariant } from '../invariant.ts';
import { type AlertRaised, NO_KEY } from '../journal-record.ts';
import { alarmReport, type Closing, closingReport } from '../make-report.ts';
import type { Report } from '../report.ts';
import type { WallStatus } from '../signal.ts';
import { Alert, attemptedPaths, isSettled, type Press, timelineComplete } from './alert.ts';
import { AlertDocuments } from './alert-documents.ts';
import type { AlertDoors } from './alert-doors.ts';
import { alertId } from './alert-id.ts';
import { AlertStore } from './alert-store.ts';
import { AlertWalls } from './alert-walls.ts';
import { awaitConfirmation } from './await-confirmation.ts';
import { AwaitedAlerts } from './awaited-alerts.ts';
import { journalHandOver } from './hand-over.ts';
import { type KeptAlert, recoveredAlert } from './kept-alert.ts';
import { OpenAlerts } from './open-alerts.ts';
import { SettledAlerts } from './settled-alerts.ts';
import { type AlertBounds, SurplusAlerts } from './surplus-alerts.ts';

/**
 * Open alerts: raised → sent → acknowledged → resolved or cancelled, NOT CONFIRMED at the deadline.
 */
export class AlertBook {
  /** Counts of the alerts that are not closed. */
  readonly counts = new OpenAlerts();
  readonly documents: AlertDocuments;
  readonly #context: Context;
  readonly #dispatcher: () => Dispatcher;
  readonly #doors: () => AlertDoors;
  readonly #alerts: AlertStore;
  readonly #awaited = new AwaitedAlerts();
  readonly #walls: AlertWalls;
  readonly settled: SettledAlerts;
  readonly surplus: SurplusAlerts;

  constructor(context: Context, dispatcher: () => Dispatcher, doors: () => AlertDoors, bounds: AlertBounds) {
    this.#context = context;
    this.documents = new AlertDocuments(context);
    this.#alerts = new AlertStore(context, this.counts, bounds.fullMax);
    this.#doors = doors;
    this.#walls = new AlertWalls(context);
    this.settled = new SettledAlerts(context, (alert) => this.#alerts.retire(alert));
    this.#dispatcher = dispatcher;
    this.surplus = new SurplusAlerts(context, this, bounds.openMax);
  }

  /** Open alerts, and those that are still owed to a receiver. */
  get size(): number {
    return this.#alerts.size;
  }

  get areUndurable(): boolean {
    return this.#awaited.areUndurable;
  }

  /** A reload is about to change what the alerts with these ids refer to. */
  beforeReload(isConcerned: (id: string) => boolean): void {
    this.#alerts.readAll(isConcerned);
  }

  get(id: string): Alert | undefined {
    return this.#alerts.get(id);
  }

  /** Those not closed that are in a drill or ask for doors; others may be among them. */
  open(): Iterable<Alert> {
    return [...this.#alerts.full()].filter(({ closed }) => closed === undefined);
  }

  all(): Iterable<Alert> {
    return this.#alerts.copies();
  }

  /** Paths that must be told when the alert ends. */
  attemptedPaths(id: string): readonly string[] | undefined {
    const alert = this.#alerts.get(id);
    return alert === undefined ? undefined : attemptedPaths(alert);
  }

  /** True while the gateway remembers this press, however late a repeat comes. */
  knows(id: string): boolean {
    return this.#alerts.has(id) || this.#walls.remembers(id);
  }

  raise(press: Press & { readonly capturedMs: MonoMs }): Alert {
    const { device, button, kind, pattern, identity, authenticated, ageSecondsMax, exercise, capturedMs } = press;
    const { now } = this.#context;
    const id = alertId(device.id, identity, press.part);
    const doors = this.#doors().of(kind, device.location.building);
    const occurredMs = now.wallMs;
    const report = alarmReport({ id, kind, device, button, authenticated, ageSecondsMax, exercise, occurredMs, doors });
    const sequences = this.#dispatcher().reserve();
    const raised: AlertRaised = {
      t: 'alert',
      at: now.wallMs,
      id,
      kind: kind.id,
      device: device.id,
      button: button.number,
      pattern,
      ...identity,
      key: device.keyFingerprint ?? NO_KEY,
      authenticated,
      report,
      sequences,
    };
    // The journal gets this record before any record that refers to it. A crash can cut the journal
    // short, but it can't change its order.
    const recordNumber = this.#context.journal(raised, { holds: `alert:${id}` });
    const dispatch = this.#dispatcher().submit(report, sequences);
    const alert = new Alert(press, report, now.wallMs);
    alert.recordNumber = recordNumber;
    this.#alerts.add(alert);
    if (dispatch === undefined) this.#nowhere(alert);
    else {
      alert.deliveries = dispatch.deliveries;
      const dueMs = after(capturedMs, this.#context.site.deadlines.notConfirmedMs);
      this.#context.timers.set({ type: 'notConfirmed', alert: id }, dueMs);
    }
    this.#awaited.add(alert, this.documents.publishFirst(alert));
    this.#context.log('warn', 'alert.raised', { alert: id, kind: kind.id, text: report.text });
    return alert;
  }

  /** The answers to a repeated press. */
  statusesOf(id: string): readonly WallStatus[] {
    return this.#walls.statusesOf(id, this.#alerts.get(id));
  }

  /** The first byte left on any path. */
  sent(report: Report, atMs: MonoMs): void {
    const alert = this.#unsettled(report);
    if (alert.isSent) return; // It was tried in an earlier run.
    alert.sent = { atMs };
    this.#walls.tell(alert);
    this.documents.publishSoon(alert);
  }

  /** The result of its dispatch. */
  ended(report: Report, end: ReportEnd): void {
    // No path takes the report. Its submitter knows that and handles it.
    if (end.how === 'doneEverywhere') return;
    const alert = this.#unsettled(report);
    switch (end.how) {
      case 'acknowledged':
        this.#acknowledged(alert, end.path);
        break;
      case 'handedOver':
        this.#handedOver(alert, end.path);
        break;
      case 'refusedEverywhere':
        this.#context.log('error', 'alert.refusedEverywhere', { alert: alert.id, text: report.text });
        this.#nobodyElse(alert);
        break;
      case 'handedOverEverywhere':
        this.#nobodyElse(alert);
        break;
    }
    this.#dropIfOver(alert);
  }

  #nobodyElse(alert: Alert): void {
    alert.undeliverable = true;
    this.documents.publish(alert);
  }

  /** A path has finished with the alert, before or after the alert's plan was complete. */
  progressed(report: Report, delivery: Delivery, path: string): void {
    const alert = this.#alerts.get(report.id);
    // An answer may arrive after the alert has ended. Nothing more is published about it then.
    if (alert === undefined) return;
    alert.noteFinished([path, delivery]);
    if (delivery.state !== 'acknowledged' || alert.acknowledged !== undefined) {
      this.documents.publishSoon(alert);
      return;
    }
    this.#acknowledged(alert, path);
    this.#dropIfOver(alert);
  }

  /** An alarm is under way until its alert is settled, and the book keeps the alert until then. */
  #unsettled({ id }: Report): Alert {
    const alert = this.#alerts.get(id);
    invariant(alert !== undefined, `an alarm is under way whose alert is unknown: ${id}`);
    return alert;
  }

  #acknowledged(alert: Alert, path: string): void {
    alert.acknowledged = { path, atMs: this.#context.now.monoMs };
    this.#delivered(alert, 'acknowledged', path);
  }

  /** The plan of the alert's kind is complete with a hand-over. */
  #handedOver(alert: Alert, path: string): void {
    alert.handedOver = { path, atMs: this.#context.now.monoMs };
    journalHandOver(alert, path, this.#context);
    this.#delivered(alert, 'handedOver', path);
  }

  #delivered(alert: Alert, how: 'acknowledged' | 'handedOver', path: string): void {
    this.#context.timers.clear({ type: 'notConfirmed', alert: alert.id });
    this.#context.log('info', `alert.${how}`, { alert: alert.id, path });
    this.counts.note(alert);
    this.#awaitResolve(alert);
    this.#walls.tell(alert);
    this.documents.publish(alert);
  }

  notConfirmedDue(id: string): void {
    const alert = this.#alerts.get(id);
    invariant(alert !== undefined, `the deadline of an unknown alert has passed: ${id}`);
    // The receivers of all paths may refuse the alert after its deadline.
    if (alert.acknowledged !== undefined || alert.notConfirmed) return;
    alert.notConfirmed = true;
    this.counts.note(alert);
    this.#context.timers.clear({ type: 'notConfirmed', alert: id });
    this.#context.journal({ t: 'notConfirmed', at: this.#context.now.wallMs, alert: id });
    this.#context.log('error', 'alert.notConfirmed', { alert: id, text: alert.report.text });
    this.#walls.tell(alert);
    this.documents.publish(alert);
  }

  /** Every record up to `number` is durable. */
  durable(number: number): void {
    const durable = this.#awaited.durable(number);
    for (const alert of durable) {
      alert.durable = { atMs: this.#context.now.monoMs };
      this.#walls.tell(alert);
      if (timelineComplete(alert)) this.documents.publishSoon(alert);
    }
    this.settled.compact(Math.max(1, durable.length));
  }

  published(number: number, atMs: MonoMs): void {
    const id = this.#awaited.published(number);
    const alert = id === undefined ? undefined : this.#alerts.get(id);
    // An alert may end before the broker confirms its publication.
    if (alert === undefined) return;
    alert.published = { atMs };
    if (timelineComplete(alert)) this.documents.publishSoon(alert);
  }

  /**
   * Ends an alert. If no receiver has acknowledged it, the gateway keeps sending it, and the
   * restore or cancel follows.
   */
  close(id: string, state: 'resolved' | 'cancelled', by: string, reason: string): boolean {
    const alert = this.#alerts.get(id);
    if (alert === undefined || alert.closed !== undefined) return false;
    const at = this.#context.now.wallMs;
    alert.closed = { state, by, reason };
    // A test that no receiver has acknowledged by now proves nothing.
    if (alert.exercise === 'test' && !isSettled(alert)) {
      this.#dispatcher().withdraw(id);
      alert.undeliverable = true;
    }
    this.counts.note(alert);
    this.settled.delete(alert);
    this.#context.journal({ t: 'closed', at, alert: id, state, by, reason });
    this.#context.log('info', `alert.${state}`, { alert: id, by, reason });
    this.#doors().forget(alert);
    this.#reportClosed(alert, alert.closed);
    this.documents.publish(alert);
    this.#dropIfOver(alert);
    this.#dispatcher().alertClosed(id);
    return true;
  }

  /** The oldest settled alert has reached the longest time that an alert may stay open. */
  autoResolveDue(): void {
    const id = this.settled.due();
    // Another alert is the oldest by now.
    if (id !== undefined) this.close(id, 'resolved', 'gateway', 'acknowledged, and nobody resolved it in time');
  }

  /** Continues an alert of an earlier run where that run stopped. */
  recover(press: Omit<Press, 'capturedMs'>, kept: KeptAlert): void {
    const { report, sequences } = kept.raised;
    const alert = recoveredAlert(press, kept, plannedRoute(report, this.#context.site));
    const isOwed = !isSettled(alert);
    const dispatch = isOwed ? this.#dispatcher().submit(report, sequences, { kept: kept.deliveries }) : undefined;
    if (dispatch !== undefined) alert.deliveries = dispatch.deliveries;
    if (kept.lastUpdate !== undefined) this.#doors().recover(alert, kept.lastUpdate);
    this.#alerts.add(alert);
    const { handedOver } = alert;
    if (handedOver !== undefined && kept.handedOver === undefined)
      journalHandOver(alert, handedOver.path, this.#context);
    const nowhere = isOwed && dispatch === undefined;
    if (nowhere) this.#nowhere(alert);
    this.documents.publish(alert);
    const isDelivered = (alert.acknowledged ?? handedOver) !== undefined;
    if (alert.closed !== undefined) {
      if (!kept.closingReported) this.#reportClosed(alert, alert.closed);
      this.#dispatcher().alertClosed(alert.id);
    } else if (isDelivered) this.#awaitResolve(alert);
    if (!isDelivered && !nowhere && !alert.notConfirmed) awaitConfirmation(alert, this.#context);
  }

  /**
   * Call this after the reports about recovered alerts were submitted: their paths are known only
   * while the alert exists.
   */
  dropAllOver(): void {
    for (const alert of [...this.#alerts.full()]) this.#dropIfOver(alert);
  }

  /**
   * Goes to every path that may have brought the alert to a receiver. These paths are known once
   * the alert is settled. A test has no restoral: fifty buttons must not mean fifty more messages.
   */
  #reportClosed(alert: Alert, closed: Closing): void {
    if (alert.exercise === 'test') return;
    const news = { earlier: alert.earlier, atMs: this.#context.now.wallMs };
    const to = isSettled(alert) ? attemptedPaths(alert) : undefined;
    submitReport(this.#context, this.#dispatcher(), closingReport(alert.report, alert.kind, closed, news), to);
  }

  /** No path takes the report (a drill when all paths are live-only): nothing to wait for. */
  #nowhere(alert: Alert): void {
    alert.undeliverable = true;
    this.#awaitResolve(alert);
  }

  #awaitResolve(alert: Alert): void {
    if (alert.closed !== undefined) return;
    this.settled.add(alert);
    this.surplus.settled();
  }

  /** The gateway forgets a closed alert once it is delivered or undeliverable. */
  #dropIfOver(alert: Alert): void {
    if (alert.closed === undefined || !isSettled(alert)) return;
    this.#alerts.delete(alert);
    this.#walls.over(alert);
    this.#context.timers.clear({ type: 'notConfirmed', alert: alert.id });
    this.#awaited.forget(alert);
    const at = this.#context.now.wallMs;
    this.#context.journal({ t: 'settled', at, report: alert.id }, { releases: `alert:${alert.id}` });
    this.#context.log('info', 'alert.over', { alert: alert.id, state: alertState(alert) });
  }
}
