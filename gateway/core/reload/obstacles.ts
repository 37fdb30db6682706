import type { CoreParts } from '../core-parts.ts';
import { keptSite } from '../kept-site.ts';
import type { Obstacle, Reopened } from '../reopened.ts';
import type { Site } from '../site.ts';
import { type SiteChanges, siteChanges } from '../site-changes.ts';

type Parts = Pick<CoreParts, 'alerts' | 'context' | 'dispatcher' | 'outputs' | 'signals'>;

/**
 * While an alert is on its way, only what does not touch its paths, its device and that device's
 * input may change. What shows an open alert to people stays as well.
 */
export function obstaclesTo(site: Site, reopened: Reopened, parts: Parts): readonly Obstacle[] {
  const present = parts.context.site;
  const changes = siteChanges(present, keptSite(present, site), reopened);
  return [
    ...pressObstacles(parts),
    ...alertObstacles(changes, reopened, parts),
    ...outputObstacles(changes, reopened, parts),
  ];
}

/** A press that is not an alert yet refers to the present site. */
function pressObstacles({ signals }: Parts): readonly Obstacle[] {
  const isHeard = signals.held.isHolding || signals.presses.isWaiting;
  return isHeard ? [{ text: 'a press is being heard just now', isBrief: true }] : [];
}

function alertObstacles(changes: SiteChanges, reopened: Reopened, { alerts, dispatcher }: Parts): readonly Obstacle[] {
  const { devices, inputs } = changes;
  const paths = new Set([...changes.paths.removed, ...changes.paths.changed]);
  const touched = new Set([...devices.removed, ...devices.changed, ...devices.reworded]);
  const closed = new Set([...inputs.removed, ...reopened.inputs]);
  const found: Obstacle[] = [];
  for (const alarm of dispatcher.openAlarms()) {
    const { id, input } = alerts.get(alarm.id)?.device ?? { id: '', input: '' };
    const what = [
      ...alarm.paths.filter((path) => paths.has(path)).map((path) => `path ${path}`),
      ...(touched.has(id) ? [`device ${id}`] : []),
      ...(closed.has(input) ? [`input ${input}`] : []),
    ];
    if (what.length === 0) continue;
    found.push({
      text: `alert ${alarm.id} is not acknowledged yet, and this changes its ${what.join(', ')}`,
      isBrief: false,
    });
  }
  return found;
}

function outputObstacles(changes: SiteChanges, reopened: Reopened, { context, outputs }: Parts): readonly Obstacle[] {
  const touched = new Set([...changes.outputs.removed, ...changes.outputs.changed]);
  return context.site.outputs.flatMap((output) => {
    const { id, input } = output;
    const isTouched = touched.has(id) || reopened.inputs.has(input) || changes.inputs.removed.includes(input);
    if (!isTouched || !outputs.showsAlert(output)) return [];
    return [{ text: `output ${id} shows an open alert, and this changes it or its input ${input}`, isBrief: false }];
  });
}
