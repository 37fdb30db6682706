import type { Context } from '../context.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { Dispatcher, ReportEnd } from '../delivery/dispatcher.ts';
import { plannedRoute } from '../delivery/route.ts';
import { submitReport } from '../delivery/standing-reports.ts';
import { type AlertRaised, NO_KEY } from '../journal-record.ts';
import { alarmReport, closingReport } from '../make-report.ts';
import type { Report } from '../report.ts';
import type { Identity, WallStatus } from '../signal.ts';
import {
  type Alert,
  alertState,
  isSettled,
  newAlert,
  noteTold,
  type Press,
  publishedAlert,
  reachedPaths,
  timelineComplete,
} from './alert.ts';
import type { AlertDoors } from './alert-doors.ts';
import { AlertWalls } from './alert-walls.ts';
import { handOver, type KeptAlert } from './kept-alert.ts';

/** The alerts that are not over: raised → sent → acknowledged → resolved or cancelled, NOT CONFIRMED at the deadline. */
export class AlertBook {
  readonly #context: Context;
  readonly #dispatcher: () => Dispatcher;
  readonly #doors: () => AlertDoors;
  readonly #alerts = new Map<string, Alert>();
  /** Raised but not durable yet, oldest first. */
  #undurable: Alert[] = [];
  readonly #publications = new Map<number, Alert>();
  readonly #walls: AlertWalls;

  constructor(context: Context, dispatcher: () => Dispatcher, doors: () => AlertDoors) {
    this.#context = context;
    this.#doors = doors;
    this.#walls = new AlertWalls(context);
    this.#dispatcher = dispatcher;
  }

  get(id: string): Alert | undefined {
    return this.#alerts.get(id);
  }

  some(is: (alert: Alert) => boolean): boolean {
    for (const alert of this.#alerts.values()) if (is(alert)) return true;
    return false;
  }

  /** Those not closed. */
  *open(): Iterable<Alert> {
    for (const alert of this.#alerts.values()) if (alert.closed === undefined) yield alert;
  }

  /** Paths on which the end of an alert is to be told. */
  reached(id: string): readonly string[] | undefined {
    const alert = this.#alerts.get(id);
    return alert === undefined ? undefined : reachedPaths(alert);
  }

  /** True while a repeat of this press can be told apart from a press that was never heard, however late it comes. */
  knows(id: string): boolean {
    return this.#alerts.has(id) || this.#walls.remembers(id);
  }

  raise(press: Press): Alert {
    const { device, button, kind, pattern, identity, authenticated, exercise, capturedMs } = press;
    const { now } = this.#context;
    const id = alertId(device.id, identity, press.part);
    const doors = this.#doors().of(kind, device.location.building);
    const facts = { id, kind, device, button, authenticated, occurredMs: now.wallMs, exercise, doors };
    const report = alarmReport(facts);
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
    // Before anything that refers to it: the journal keeps an order that a crash can only cut short.
    const recordNumber = this.#context.journal(raised, { holds: `alert:${id}` });
    const dispatch = this.#dispatcher().submit(report, sequences);
    const alert = newAlert(press, report, dispatch, now.wallMs, recordNumber);
    this.#alerts.set(id, alert);
    this.#undurable.push(alert);
    if (dispatch === undefined) this.#nowhere(alert);
    else {
      const dueMs = capturedMs + this.#context.site.deadlines.notConfirmedMs;
      this.#context.timers.set({ type: 'notConfirmed', alert: id }, dueMs);
    }
    alert.publication = this.#context.publishTracked({ kind: 'alert', document: publishedAlert(alert) });
    this.#publications.set(alert.publication, alert);
    this.#context.log('warn', 'alert.raised', { alert: id, kind: kind.id, text: report.text });
    return alert;
  }

  /** What to tell the wall about a press it repeats. */
  statusesOf(id: string): readonly WallStatus[] {
    return this.#walls.statusesOf(id, this.#alerts.get(id));
  }

  sent(report: Report, atMs: number): void {
    const alert = this.#alerts.get(report.id);
    if (alert === undefined || alert.sent) return;
    alert.sent = true;
    alert.sentMs = atMs;
    this.#stepped(alert);
  }

  /** What its dispatch has come to. Of an alert that is over nothing more is to be said. */
  ended(report: Report, end: ReportEnd): void {
    const alert = this.#alerts.get(report.id);
    if (alert === undefined) return;
    switch (end.how) {
      case 'acknowledged':
        this.#acknowledged(alert, end.path);
        break;
      case 'handedOver':
        this.#handedOver(alert, end.path);
        break;
      case 'refusedEverywhere':
        alert.undeliverable = true;
        this.notConfirmedDue(alert.id);
        break;
      case 'handedOverEverywhere':
        alert.undeliverable = true;
        this.publish(alert);
        break;
      case 'doneEverywhere':
        // An alarm goes to the first path that can deliver it: the other ends say what came of it.
        return;
    }
    this.#dropIfOver(alert);
  }

  /** A path has done with it, before or after what counted as done. */
  progressed(report: Report, { state }: Delivery, path: string): void {
    const alert = this.#alerts.get(report.id);
    if (alert === undefined) return;
    if (state !== 'acknowledged' || alert.acknowledged) {
      this.publish(alert);
      return;
    }
    this.#acknowledged(alert, path);
    this.#dropIfOver(alert);
  }

  #acknowledged(alert: Alert, path: string): void {
    alert.acknowledged = true;
    alert.acknowledgedBy = path;
    alert.acknowledgedMs = this.#context.now.monoMs;
    this.#delivered(alert, 'acknowledged', path);
  }

  /** The plan of its kind is content with a path that only hands over. */
  #handedOver(alert: Alert, path: string): void {
    alert.handedOver = true;
    this.#delivered(alert, 'handedOver', path);
  }

  #delivered(alert: Alert, how: 'acknowledged' | 'handedOver', path: string): void {
    this.#context.timers.clear({ type: 'notConfirmed', alert: alert.id });
    this.#context.log('info', `alert.${how}`, { alert: alert.id, path });
    this.#awaitResolve(alert);
    this.#stepped(alert);
  }

  notConfirmedDue(id: string): void {
    const alert = this.#alerts.get(id);
    if (alert === undefined || alert.acknowledged || alert.notConfirmed) return;
    alert.notConfirmed = true;
    this.#context.timers.clear({ type: 'notConfirmed', alert: id });
    this.#context.journal({ t: 'notConfirmed', at: this.#context.now.wallMs, alert: id });
    this.#context.log('error', 'alert.notConfirmed', { alert: id, text: alert.report.text });
    this.#stepped(alert);
  }

  /** Every record up to `number` is durable. */
  durable(number: number): void {
    const waiting = this.#undurable;
    let count = 0;
    for (const alert of waiting) {
      if (alert.recordNumber > number) break;
      count += 1;
      alert.durable = true;
      alert.journalledMs = this.#context.now.monoMs;
      this.#walls.tell(alert);
      this.#publishIfComplete(alert);
    }
    if (count > 0) this.#undurable = waiting.slice(count);
  }

  published(number: number, atMs: number): void {
    const alert = this.#publications.get(number);
    if (alert === undefined) return;
    this.#publications.delete(number);
    alert.publishedMs = atMs;
    this.#publishIfComplete(alert);
  }

  /** Ends an alert. One that no receiver has acknowledged goes on being sent, and its restore or cancel follows it. */
  close(id: string, state: 'resolved' | 'cancelled', by: string, reason: string): boolean {
    const alert = this.#alerts.get(id);
    if (alert === undefined || alert.closed !== undefined) return false;
    const at = this.#context.now.wallMs;
    alert.closed = { state, by, reason };
    this.#context.timers.clear({ type: 'autoResolve', alert: id });
    this.#context.journal({ t: 'closed', at, alert: id, state, by, reason });
    this.#context.log('info', `alert.${state}`, { alert: id, by, reason });
    this.#doors().forget(alert);
    this.#reportClosed(alert, alert.closed);
    this.publish(alert);
    this.#dropIfOver(alert);
    return true;
  }

  recover(press: Omit<Press, 'capturedMs'>, kept: KeptAlert): void {
    const { raised } = kept;
    const { now, site, timers } = this.#context;
    const { report, sequences } = raised;
    const { handedOver, everywhere } = handOver(kept, plannedRoute(report, site));
    const settled = kept.acknowledged || handedOver;
    const isOwed = !settled && !everywhere;
    const dispatch = isOwed ? this.#dispatcher().submit(report, sequences, { kept: kept.deliveries }) : undefined;
    const alert = newAlert({ ...press, capturedMs: undefined }, report, dispatch, raised.at, 0);
    alert.durable = true;
    alert.acknowledged = kept.acknowledged;
    alert.acknowledgedBy = kept.acknowledgedBy;
    alert.notConfirmed = kept.notConfirmed;
    alert.closed = kept.closed;
    alert.handedOver = handedOver;
    alert.reachedBefore = [...kept.deliveries].flatMap(([path, { attempts }]) => (attempts > 0 ? [path] : []));
    for (const report of kept.earlier) noteTold(alert, report);
    if (kept.lastUpdate !== undefined) this.#doors().recover(alert, kept.lastUpdate);
    alert.sent = [...kept.deliveries.values()].some((delivery) => delivery.attempts > 0);
    this.#alerts.set(alert.id, alert);
    alert.undeliverable = everywhere;
    const nowhere = isOwed && dispatch === undefined;
    if (nowhere) this.#nowhere(alert);
    this.publish(alert);
    if (alert.closed !== undefined) {
      if (!kept.closingReported) this.#reportClosed(alert, alert.closed);
    } else if (settled) this.#awaitResolve(alert);
    if (!settled && !nowhere && !alert.notConfirmed) {
      const left = remaining(site.deadlines.notConfirmedMs, raised.at, now.wallMs);
      timers.set({ type: 'notConfirmed', alert: alert.id }, now.monoMs + left);
    }
  }

  /** After the reports about restored alerts were taken up: where these go is known while the alert is. */
  dropAllOver(): void {
    for (const alert of [...this.#alerts.values()]) this.#dropIfOver(alert);
  }

  /** To every path that may have brought the alert to a receiver: which these are is known once the alert is settled. */
  #reportClosed(alert: Alert, closed: NonNullable<Alert['closed']>): void {
    const news = { earlier: [...alert.told], atMs: this.#context.now.wallMs };
    const to = isSettled(alert) ? reachedPaths(alert) : undefined;
    submitReport(this.#context, this.#dispatcher(), closingReport(alert.report, alert.kind, closed, news), to);
  }

  /** A drill or test that no path takes: there is nothing to wait for. */
  #nowhere(alert: Alert): void {
    alert.undeliverable = true;
    this.#awaitResolve(alert);
  }

  /** From now, whatever the wall clock says: one that was set meanwhile must not end an emergency. */
  #awaitResolve({ id, closed }: Alert): void {
    if (closed !== undefined) return;
    const { now, timers, site } = this.#context;
    const dueMs = now.monoMs + site.deadlines.autoResolveMs;
    timers.set({ type: 'autoResolve', alert: id }, dueMs);
  }

  publish(alert: Alert): void {
    this.#context.publish({ kind: 'alert', document: publishedAlert(alert) });
  }

  #stepped(alert: Alert): void {
    this.#walls.tell(alert);
    this.publish(alert);
  }

  #publishIfComplete(alert: Alert): void {
    if (timelineComplete(alert)) this.publish(alert);
  }

  /** Closed, and delivered or undeliverable: nothing of it need be kept in mind. */
  #dropIfOver(alert: Alert): void {
    if (alert.closed === undefined || !isSettled(alert)) return;
    this.#alerts.delete(alert.id);
    this.#walls.over(alert);
    if (alert.publication !== undefined) this.#publications.delete(alert.publication);
    const at = this.#context.now.wallMs;
    this.#context.journal({ t: 'settled', at, report: alert.id }, { releases: `alert:${alert.id}` });
    this.#context.log('info', 'alert.over', { alert: alert.id, state: alertState(alert) });
  }
}

/**
 * The first press of a message goes by the message's number; another one in the same message (two buttons at once) by its place as well.
 * With another key a device numbers from the beginning, so from the second key on the id says which: a device's id has no dot.
 */
export function alertId(device: string, { epoch, counter, generation = 1 }: Identity, part = 0): string {
  const key = generation === 1 ? '' : `.k${generation}`;
  return `${device}${key}.${epoch}.${counter}${part === 0 ? '' : `.${part + 1}`}`;
}

/** What is left of a limit that began before this run; a wall clock that makes no sense leaves nothing. */
function remaining(limitMs: number, sinceWallMs: number, nowWallMs: number): number {
  const elapsed = nowWallMs - sinceWallMs;
  return elapsed >= 0 && elapsed < limitMs ? limitMs - elapsed : 0;
}
