import { after } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import { doorsReport } from '../make-report.ts';
import type { Report, UnsecuredDoor } from '../report.ts';
import type { AlertKind } from '../site.ts';
import { type Alert, attemptedPaths, isSettled } from './alert.ts';

/** People lock several doors at once. The gateway reports all changes within this time together. */
const GATHER_MS = 2_000;
/**
 * The next press must not wait while a thousand open alerts are updated. The gateway updates this
 * many, then pauses.
 */
const ALERTS_MAX = 16;
const PAUSE_MS = 20;

interface AlertDoorsDeps {
  notSecured(building: string): readonly UnsecuredDoor[];
  /** Alerts that are not closed. */
  openAlerts(): Iterable<Alert>;
  /**
   * Submits an update of an alert to each of these paths. Without paths, it goes to those that have
   * attempted the alert by the time the alert is settled.
   */
  submit(report: Report, to: readonly string[] | undefined): void;
  /** A newer report replaces it: paths that have not sent it yet drop it. */
  withdraw(report: string): void;
  publish(alert: Alert): void;
}

interface DoorList {
  readonly doors: readonly UnsecuredDoor[];
  readonly said: string;
}

/**
 * Reports the doors that are not secured, while people are to lock them: once with the alert, and
 * again whenever the list changes.
 */
export class AlertDoors {
  readonly #context: Context;
  readonly #deps: AlertDoorsDeps;
  /** The list that each alert's receivers were sent last, and the report that carried it. */
  readonly #last = new Map<string, { readonly said: string; readonly report?: string }>();
  /** The latest list of each building. */
  readonly #lists = new Map<string, DoorList>();
  #count = 0;

  constructor(context: Context, deps: AlertDoorsDeps) {
    this.#context = context;
    this.#deps = deps;
  }

  /** `undefined`: the kind of alert does not ask for doors, or the building has none. */
  of(kind: AlertKind, building: string): readonly UnsecuredDoor[] | undefined {
    if (kind.action !== 'lockdown' && kind.action !== 'secure') return undefined;
    if (!this.#context.site.doors.some((door) => door.building === building)) return undefined;
    return this.#notSecured(building).doors;
  }

  /** A door of the building has changed. */
  changed(building: string): void {
    this.#awaitDue(building, GATHER_MS);
  }

  /** Reports the present state of the building's doors with each alert that asks for it. */
  due(building: string): void {
    const { doors, said } = this.#notSecured(building);
    let count = 0;
    for (const alert of [...this.#deps.openAlerts()]) {
      if (alert.doors === undefined || alert.device.location.building !== building) continue;
      const last = this.#last.get(alert.id);
      if (said === (last?.said ?? listText(alert.doors))) continue;
      if (count === ALERTS_MAX) {
        this.#awaitDue(building, PAUSE_MS);
        return;
      }
      count += 1;
      this.#last.set(alert.id, { said });
      alert.doors = doors;
      this.#deps.publish(alert);
      if (last?.report !== undefined) this.#deps.withdraw(last.report);
      this.#update(alert, doors, said);
    }
  }

  /** The last update of an earlier run. */
  recover(alert: Alert, { id, alert: reported }: Report): void {
    const doors = reported?.doors;
    alert.doors = doors;
    this.#last.set(alert.id, { said: listText(doors ?? []), report: id });
  }

  /** The alert is closed: withdraws the queued door update. */
  forget(alert: Alert): void {
    const report = this.#last.get(alert.id)?.report;
    this.#last.delete(alert.id);
    if (report !== undefined) this.#deps.withdraw(report);
  }

  /**
   * Alerts of one building share one list while the list stays the same. Thousands of alerts may be
   * open.
   */
  #notSecured(building: string): DoorList {
    const doors = this.#deps.notSecured(building);
    const said = listText(doors);
    const last = this.#lists.get(building);
    if (last?.said === said) return last;
    const list = { doors, said };
    this.#lists.set(building, list);
    return list;
  }

  #awaitDue(building: string, waitMs: number): void {
    const due = { type: 'alertDoors', building } as const;
    const { timers, now } = this.#context;
    if (!timers.has(due)) timers.set(due, after(now.monoMs, waitMs));
  }

  /**
   * Goes to every path that has attempted the alert. These paths are known once the alert is
   * settled.
   */
  #update(alert: Alert, doors: readonly UnsecuredDoor[], said: string): void {
    const takes = new Set(this.#context.site.paths.flatMap(({ id, takesUpdates }) => (takesUpdates ? [id] : [])));
    const to = isSettled(alert) ? attemptedPaths(alert).filter((id) => takes.has(id)) : undefined;
    if (takes.size === 0 || to?.length === 0) return;
    const { session, now } = this.#context;
    this.#count += 1;
    const id = `${alert.id}.doors.${session}.${this.#count}`;
    const report = doorsReport(alert.report, id, doors, { earlier: alert.earlier, atMs: now.wallMs });
    this.#last.set(alert.id, { said, report: id });
    alert.noteUpdate(report);
    this.#deps.submit(report, to);
  }
}

function listText(doors: readonly UnsecuredDoor[]): string {
  return doors.map(({ id, state }) => `${id} ${state}`).join(', ');
}
