import type { GatewaySettings } from '../../../gateway/config/settings.ts';
import { type SettingsChanges, settingsChanges } from '../../../gateway/reload/settings-changes.ts';
import type { GatewayProcess } from './gateway-process.ts';
import type { PathEnd } from './path-end.ts';
import type { Wire } from './wire.ts';

/**
 * Takes changed settings up while the gateway runs, in the order of gateway/reload: inputs stop
 * before the core changes, paths after it.
 *
 * @returns why it is not possible now; `undefined`: it is done
 */
export function takeUp(
  gateway: GatewayProcess,
  next: GatewaySettings,
  { wires, paths }: { readonly wires: ReadonlyMap<string, Wire>; readonly paths: ReadonlyMap<string, PathEnd> },
): string | undefined {
  const { core, settings } = gateway;
  if (core === undefined) return 'the gateway has not started';
  const changes = finished(settingsChanges(settings, next, () => false));
  const reasons = [...changes.fixed, ...core.obstacles(changes.site, changes.reopened).map(({ text }) => text)];
  if (reasons.length > 0) return reasons.join('; ');
  for (const input of changes.inputs) wires.get(input)?.close();
  const gone = settings.paths.filter(({ id }) => !next.paths.some((each) => each.id === id)).map(({ id }) => id);
  for (const id of [...changes.reopened.paths, ...gone]) paths.get(id)?.stop();
  const there = new Set(settings.paths.map(({ id }) => id));
  for (const { id } of next.paths) {
    const path = paths.get(id);
    if (path !== undefined && (!there.has(id) || changes.reopened.paths.has(id))) gateway.startPath(path);
  }
  gateway.reload({ ...next, site: changes.site }, changes.reopened);
  for (const input of changes.inputs) {
    const wire = wires.get(input);
    if (wire !== undefined) gateway.openWire(wire);
  }
  return undefined;
}

function finished(steps: Generator<undefined, SettingsChanges>): SettingsChanges {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}
