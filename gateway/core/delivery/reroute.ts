import type { Site } from '../site.ts';
import type { Dispatch } from './dispatch.ts';
import type { Route, RouteStep } from './route.ts';

/**
 * After a reload: the paths that have joined and still exist come first, then the rest of
 * `planned`.
 *
 * @returns the place of the steps that joined last
 */
export function reroute(dispatch: Dispatch, planned: Route, site: Site): number {
  const { deliveries, route, lastJoined } = dispatch;
  const steps = route?.steps ?? [];
  const present = new Map(site.paths.map((path) => [path.id, path]));
  const now = (some: readonly RouteStep[]) =>
    some.flatMap((step) => {
      const path = present.get(step.path.id);
      return path === undefined ? [] : [{ ...step, path }];
    });
  const joined = now(steps.slice(0, deliveries.size));
  const last = now(steps.slice(0, lastJoined)).length;
  for (const id of deliveries.keys()) if (!present.has(id)) deliveries.delete(id);
  const rest = now(planned.steps).filter(({ path }) => !deliveries.has(path.id));
  dispatch.route = { ...planned, steps: [...joined, ...rest] };
  return Math.min(last, Math.max(0, joined.length - 1));
}
