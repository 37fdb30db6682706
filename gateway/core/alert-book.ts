import { type Alert, alertDocument, alertState, newAlert, type Press, timelineComplete, wallStatus } from './alert.ts';
import type { Context } from './context.ts';
import type { Dispatcher, KeptDelivery } from './dispatcher.ts';
import type { AlertRaised } from './journal-record.ts';
import type { Report } from './report.ts';
import { alarmReport, closingReport } from './reports.ts';
import type { Identity, WallStatus } from './signal.ts';

/** What the journal kept of an alert that was not finished when the gateway stopped. */
export interface KeptAlert {
  readonly raised: AlertRaised;
  readonly deliveries: ReadonlyMap<string, KeptDelivery>;
  readonly acknowledged: boolean;
  readonly acknowledgedBy: string | undefined;
  readonly notConfirmed: boolean;
  readonly closed: Alert['closed'];
  /** The report that it is over was made, and is kept by itself. */
  readonly closingReported: boolean;
}

const REMEMBERED_OVER = 256;

/** The alerts that are not over: raised → sent → acknowledged → resolved or cancelled, NOT CONFIRMED at the deadline. */
export class AlertBook {
  readonly #context: Context;
  readonly #dispatcher: () => Dispatcher;
  readonly #alerts = new Map<string, Alert>();
  /** Raised but not durable yet, oldest first. */
  #undurable: Alert[] = [];
  readonly #publications = new Map<number, Alert>();
  /** What the wall is told when it still asks about an alert that is over; the newest ones only. */
  readonly #over = new Map<string, WallStatus>();

  constructor(context: Context, dispatcher: () => Dispatcher) {
    this.#context = context;
    this.#dispatcher = dispatcher;
  }

  get(id: string): Alert | undefined {
    return this.#alerts.get(id);
  }

  some(is: (alert: Alert) => boolean): boolean {
    for (const alert of this.#alerts.values()) if (is(alert)) return true;
    return false;
  }

  /** True while a repeat of this press can be told apart from a press that was never heard, however late it comes. */
  knows(id: string): boolean {
    return this.#alerts.has(id) || this.#over.has(id);
  }

  raise(press: Press): Alert {
    const { device, button, kind, pattern, identity, authenticated, capturedMs } = press;
    const { now } = this.#context;
    const id = alertId(device.id, identity, press.part);
    const report = alarmReport({ id, kind, device, button, authenticated, occurredMs: now.wallMs });
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
    const dueMs = capturedMs + this.#context.site.deadlines.notConfirmedMs;
    this.#context.timers.set(`notConfirmed:${id}`, dueMs, { type: 'notConfirmed', alert: id });
    alert.publication = this.#context.publishTracked({ kind: 'alert', document: alertDocument(alert) });
    this.#publications.set(alert.publication, alert);
    this.#context.log('warn', 'alert.raised', { alert: id, kind: kind.id, text: report.text });
    return alert;
  }

  /**
   * What to tell the wall about a press it repeats; nothing yet: let it go on repeating. `notConfirmed` does not say that the press
   * was heard, so a press that is durable is told both: the first ends the repeats, the second is what the wall shows.
   */
  statusesOf(id: string): readonly WallStatus[] {
    const alert = this.#alerts.get(id);
    if (alert === undefined) return [this.#over.get(id) ?? 'heard'];
    const status = wallStatus(alert);
    if (status === undefined) return [];
    return status === 'notConfirmed' && alert.durable ? ['heard', status] : [status];
  }

  sent(report: Report, atMs: number): void {
    const alert = this.#alerts.get(report.id);
    if (alert === undefined || alert.sent) return;
    alert.sent = true;
    alert.sentMs = atMs;
    this.#stepped(alert);
  }

  acknowledged(report: Report, path: string): boolean {
    const alert = this.#alerts.get(report.id);
    if (alert === undefined) return false;
    const { now, timers, site } = this.#context;
    alert.acknowledged = true;
    alert.acknowledgedBy = path;
    alert.acknowledgedMs = now.monoMs;
    timers.clear(`notConfirmed:${alert.id}`);
    this.#context.log('info', 'alert.acknowledged', { alert: alert.id, path });
    if (alert.closed === undefined) {
      const dueMs = now.monoMs + site.deadlines.autoResolveMs;
      timers.set(`autoResolve:${alert.id}`, dueMs, { type: 'autoResolve', alert: alert.id });
    }
    this.#stepped(alert);
    this.#dropIfOver(alert);
    return true;
  }

  refusedEverywhere(report: Report): boolean {
    const alert = this.#alerts.get(report.id);
    if (alert === undefined) return false;
    alert.undeliverable = true;
    this.notConfirmedDue(alert.id);
    this.#dropIfOver(alert);
    return true;
  }

  handedOverEverywhere(report: Report): boolean {
    const alert = this.#alerts.get(report.id);
    if (alert === undefined) return false;
    alert.undeliverable = true;
    this.publish(alert);
    this.#dropIfOver(alert);
    return true;
  }

  notConfirmedDue(id: string): void {
    const alert = this.#alerts.get(id);
    if (alert === undefined || alert.acknowledged || alert.notConfirmed) return;
    alert.notConfirmed = true;
    this.#context.timers.clear(`notConfirmed:${id}`);
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
      this.#tellWall(alert);
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
  close(id: string, state: 'resolved' | 'cancelled', by: string, reason: string): void {
    const alert = this.#alerts.get(id);
    if (alert === undefined || alert.closed !== undefined) {
      this.#context.log('warn', 'command.refused', { alert: id, by, why: 'no such open alert' });
      return;
    }
    const at = this.#context.now.wallMs;
    alert.closed = { state, by, reason };
    this.#context.timers.clear(`autoResolve:${id}`);
    this.#context.journal({ t: 'closed', at, alert: id, state, by, reason });
    this.#context.log('info', `alert.${state}`, { alert: id, by, reason });
    this.#reportClosed(alert, state);
    this.publish(alert);
    this.#dropIfOver(alert);
  }

  /** A report that is no alarm: durable until it is settled. `first`: path to begin with. */
  submitReport(report: Report, first?: string): void {
    const sequences = this.#dispatcher().reserve();
    const at = this.#context.now.wallMs;
    const record = { t: 'report', at, report, sequences, ...(first === undefined ? {} : { first }) } as const;
    this.#context.journal(record, { holds: `report:${report.id}` });
    this.#dispatcher().submit(report, sequences, { first });
  }

  restore(press: Omit<Press, 'capturedMs'>, kept: KeptAlert): void {
    const { raised } = kept;
    const { now, site, timers } = this.#context;
    const settled = kept.acknowledged;
    const { report, sequences } = raised;
    const dispatch = settled ? undefined : this.#dispatcher().submit(report, sequences, { kept: kept.deliveries });
    const alert = newAlert({ ...press, capturedMs: undefined }, report, dispatch, raised.at, 0);
    alert.durable = true;
    alert.acknowledged = kept.acknowledged;
    alert.acknowledgedBy = kept.acknowledgedBy;
    alert.notConfirmed = kept.notConfirmed;
    alert.closed = kept.closed;
    alert.sent = [...kept.deliveries.values()].some((delivery) => delivery.attempts > 0);
    this.#alerts.set(alert.id, alert);
    this.publish(alert);
    if (alert.closed !== undefined) {
      if (!kept.closingReported) this.#reportClosed(alert, alert.closed.state);
    } else if (settled) {
      // From the start, whatever the wall clock says: one that was set meanwhile must not end an emergency.
      const dueMs = now.monoMs + site.deadlines.autoResolveMs;
      timers.set(`autoResolve:${alert.id}`, dueMs, { type: 'autoResolve', alert: alert.id });
    }
    if (!settled && !alert.notConfirmed) {
      const left = remaining(site.deadlines.notConfirmedMs, raised.at, now.wallMs);
      timers.set(`notConfirmed:${alert.id}`, now.monoMs + left, { type: 'notConfirmed', alert: alert.id });
    }
    this.#dropIfOver(alert);
  }

  #reportClosed(alert: Alert, state: 'resolved' | 'cancelled'): void {
    const report = closingReport(alert.report, alert.kind, state, this.#context.now.wallMs);
    this.submitReport(report, alert.acknowledgedBy);
  }

  publish(alert: Alert): void {
    this.#context.publish({ kind: 'alert', document: alertDocument(alert) });
  }

  #stepped(alert: Alert): void {
    this.#tellWall(alert);
    this.publish(alert);
  }

  #publishIfComplete(alert: Alert): void {
    if (timelineComplete(alert)) this.publish(alert);
  }

  #tellWall(alert: Alert): void {
    const status = wallStatus(alert);
    if (status !== undefined && status !== alert.told) this.#answer(alert, status);
  }

  #answer(alert: Alert, status: WallStatus): void {
    alert.told = status;
    const { input, id } = alert.device;
    this.#context.emit({ type: 'answer', input, device: id, identity: alert.identity, status });
  }

  /** Closed, and delivered or undeliverable: nothing of it need be kept in mind. */
  #dropIfOver(alert: Alert): void {
    if (alert.closed === undefined || !(alert.acknowledged || alert.undeliverable)) return;
    this.#alerts.delete(alert.id);
    this.#over.set(alert.id, alert.acknowledged ? 'accepted' : 'notConfirmed');
    for (const oldest of this.#over.keys()) {
      if (this.#over.size <= REMEMBERED_OVER) break;
      this.#over.delete(oldest);
    }
    if (alert.publication !== undefined) this.#publications.delete(alert.publication);
    const at = this.#context.now.wallMs;
    this.#context.journal({ t: 'settled', at, report: alert.id }, { releases: `alert:${alert.id}` });
    this.#context.log('info', 'alert.over', { alert: alert.id, state: alertState(alert) });
  }
}

/** The first press of a message goes by the message's number; another one in the same message (two buttons at once) by its place as well. */
export function alertId(device: string, { epoch, counter }: Identity, part = 0): string {
  return part === 0 ? `${device}.${epoch}.${counter}` : `${device}.${epoch}.${counter}.${part + 1}`;
}

/** What is left of a limit that began before this run; a wall clock that makes no sense leaves nothing. */
function remaining(limitMs: number, sinceWallMs: number, nowWallMs: number): number {
  const elapsed = nowWallMs - sinceWallMs;
  return elapsed >= 0 && elapsed < limitMs ? limitMs - elapsed : 0;
}
