import { type Alert, reachedPaths } from './alert.ts';
import type { Context } from './context.ts';
import type { Report, UnsecuredDoor } from './report.ts';
import { doorsReport } from './reports.ts';
import type { AlertKind } from './site.ts';

/** Doors that change together, as people lock up, are told together. */
const GATHER_MS = 2_000;
/** CAP wants the earlier messages named; after a long evening the newest ones do. */
const EARLIER_MOST = 16;

export interface AlertDoorsLinks {
  notSecured(building: string): readonly UnsecuredDoor[];
  /** Submits news of an alert to each of these paths. */
  submit(report: Report, to: readonly string[]): void;
  /** The report is overtaken: whoever has not had it is spared it. */
  withdraw(report: string): void;
  publish(alert: Alert): void;
}

/** Which doors are not secured while people are to lock them: told with the alert, and again whenever that changes, until all are. */
export class AlertDoors {
  readonly #context: Context;
  readonly #links: AlertDoorsLinks;
  /** The list each alert's receivers were told last, and the report that is on its way. */
  readonly #last = new Map<string, { readonly said: string; readonly report?: string }>();
  #count = 0;

  constructor(context: Context, links: AlertDoorsLinks) {
    this.#context = context;
    this.#links = links;
  }

  /** `undefined`: the kind of alert does not ask for doors, or the building has none. */
  of(kind: AlertKind, building: string): readonly UnsecuredDoor[] | undefined {
    if (kind.action !== 'lockdown' && kind.action !== 'secure') return undefined;
    if (!this.#context.site.doors.some((door) => door.building === building)) return undefined;
    return this.#links.notSecured(building);
  }

  /** A door of the alert's building has changed. */
  changed(alert: Alert): void {
    if (alert.closed !== undefined || alert.doors === undefined) return;
    const doors = this.#links.notSecured(alert.device.location.building);
    if (words(doors) === words(alert.doors)) return;
    if (!this.#last.has(alert.id)) this.#last.set(alert.id, { said: words(alert.report.alert?.doors ?? []) });
    alert.doors = doors;
    this.#links.publish(alert);
    const key = `alertDoors:${alert.id}`;
    const { timers, now } = this.#context;
    if (!timers.has(key)) timers.set(key, now.monoMs + GATHER_MS, { type: 'alertDoors', alert: alert.id });
  }

  /** Tells the receivers that can take it how the doors are now. */
  due(alert: Alert): void {
    const { site, session, now } = this.#context;
    const last = this.#last.get(alert.id);
    if (alert.closed !== undefined || alert.doors === undefined || last?.said === words(alert.doors)) return;
    const to = reachedPaths(alert).filter((id) => site.paths.find((path) => path.id === id)?.takesUpdates);
    if (to.length === 0) return;
    if (last?.report !== undefined) this.#links.withdraw(last.report);
    this.#count += 1;
    const id = `${alert.id}.doors.${session}.${this.#count}`;
    const earlier = alert.told.slice(-EARLIER_MOST);
    const report = doorsReport(alert.report, id, alert.doors, { earlier, atMs: now.wallMs });
    this.#last.set(alert.id, { said: words(alert.doors), report: id });
    alert.told.push({ id, occurredMs: report.occurredMs });
    this.#links.submit(report, to);
  }

  forget(alert: Alert): void {
    this.#last.delete(alert.id);
    this.#context.timers.clear(`alertDoors:${alert.id}`);
  }
}

function words(doors: readonly UnsecuredDoor[]): string {
  return doors.map(({ id, state }) => `${id} ${state}`).join(', ');
}
