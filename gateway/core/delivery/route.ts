import type { Report } from '../report.ts';
import type { Path, Plan, Site } from '../site.ts';

/** The paths of one report, in the order they join, and what completes it. */
export interface Route {
  readonly steps: readonly RouteStep[];
  /**
   * `first`: the first path that delivers it completes it, and the others drop it. `each`: every
   * path must have it, because it takes back or tests what each of them has.
   */
  readonly ends: 'first' | 'each';
  readonly done: Plan['done'];
}

export interface RouteStep {
  readonly path: Path;
  /** The delay after the step before. */
  readonly afterMs: number;
}

/** By the plan of the alert's kind, or the site's. */
export function plannedRoute(report: Report, site: Site): Route {
  const { steps, done } = planOf(report, site);
  const known = steps.flatMap(({ path, afterMs }) => {
    const found = site.paths.find(({ id }) => id === path);
    return found === undefined ? [] : [{ path: found, afterMs }];
  });
  return { steps: known.filter(({ path }) => takes(path, report)), ends: 'first', done };
}

/** The planned routes of alarms. Every press of a storm asks for one of the same few. */
export class AlarmRoutes {
  #site: Site | undefined;
  /** By the kind of alert. */
  readonly #real = new Map<string | undefined, Route>();

  /** As `plannedRoute`. */
  of(report: Report, site: Site): Route {
    if (report.exercise !== undefined) return plannedRoute(report, site);
    if (site !== this.#site) this.#real.clear();
    this.#site = site;
    const kind = report.alert?.kind;
    const present = this.#real.get(kind);
    if (present !== undefined) return present;
    const made = plannedRoute(report, site);
    this.#real.set(kind, made);
    return made;
  }
}

/** To every one of these paths, at once. */
export function routeToEach(report: Report, site: Site, to: readonly string[]): Route {
  const paths = site.paths.filter((path) => to.includes(path.id) && takes(path, report));
  return { steps: paths.map((path) => ({ path, afterMs: 0 })), ends: 'each', done: 'handedOver' };
}

function planOf(report: Report, site: Site): Plan {
  const kind = report.class === 'alarm' ? report.alert?.kind : undefined;
  return (kind === undefined ? undefined : site.plans.get(kind)) ?? site.plan;
}

/**
 * Drills and tests avoid live-only paths. Reports about changed doors go only to links that take
 * updates.
 */
function takes(path: Path, { exercise, class: reportClass }: Report): boolean {
  if (path.liveOnly && exercise !== undefined) return false;
  return reportClass !== 'update' || path.takesUpdates;
}
