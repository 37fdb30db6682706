import type { CoreParts } from '../core-parts.ts';
import type { CoreInput } from '../input.ts';
import { known } from '../invariant.ts';
import { keptSite } from '../kept-site.ts';
import type { Site } from '../site.ts';
import { devicesOf, renewedDevices, type SiteChanges, siteChanges } from '../site-changes.ts';
import { possibleTroubles } from '../troubles/possible-troubles.ts';

type Reload = Extract<CoreInput, { readonly type: 'reload' }>;

/**
 * Takes the next site up in place. What has not changed keeps its state, its deadlines and its
 * attempts under way, because its part stays the same object. What has changed begins anew with its
 * counters, as after a restart.
 */
export function takeUpSite({ site, reopened }: Reload, parts: CoreParts): void {
  const { context } = parts;
  const present = context.site;
  const next = keptSite(present, site);
  const changes = siteChanges(present, next, reopened);
  keepAlerts(changes, parts);
  dropDevices(changes, parts);
  context.site = next;
  takeUpPaths(changes, parts);
  takeUpDevices(changes, parts);
  for (const id of reopened.inputs) if (!changes.inputs.added.includes(id)) parts.inputs.get(id)?.reopen();
  takeUpDoors(changes, parts);
  takeUpCanary(present, parts);
  parts.walkTest.tests.adopt(present);
  parts.outputs.forget([...changes.outputs.removed, ...changes.outputs.changed]);
  parts.stalls.adopt(next);
  parts.certificates.retain(next.certificates ?? []);
  parts.clock.adopt();
  parts.alerts.settled.postpone(next.deadlines.autoResolveMs - present.deadlines.autoResolveMs);
  if (parts.troubles.anyStands()) parts.troubles.restoreAllBut(possibleTroubles(next));
  tellGone(changes, parts);
  const { devices, paths, inputs } = changes;
  context.log('info', 'core.reloaded', {
    devicesAdded: devices.added.length,
    devicesRemoved: devices.removed.length,
    devicesChanged: devices.changed.length + devices.reworded.length,
    pathsChanged: paths.added.length + paths.removed.length + paths.changed.length,
    inputsChanged: inputs.added.length + inputs.removed.length + reopened.inputs.size,
  });
}

/** The receivers know an alert as it was raised: its texts are not made of the next site. */
function keepAlerts({ devices, kinds }: SiteChanges, { alerts }: CoreParts): void {
  const touched = new Set([...devices.removed, ...devices.changed, ...devices.reworded]);
  const areKinds = kinds.removed.length + kinds.changed.length > 0;
  // A device's id contains no dot, and an alert's id begins with it.
  if (touched.size > 0 || areKinds) alerts.beforeReload((id) => areKinds || touched.has(id.split('.', 1)[0] ?? ''));
}

function dropDevices({ devices }: SiteChanges, parts: CoreParts): void {
  const { checkpoint, context, removed, signals } = parts;
  const dropped = new Set([...devices.removed, ...devices.changed]);
  checkpoint.write([...dropped].map((id) => known(parts.devices, id, 'device')));
  for (const id of dropped) {
    removed.add(known(parts.devices, id, 'device'));
    checkpoint.forget(id);
    signals.forget(id);
    parts.devices.delete(id);
  }
  context.timers.clearAll((timer) => 'device' in timer && dropped.has(timer.device));
}

function takeUpPaths({ paths }: SiteChanges, parts: CoreParts): void {
  const { canary, context, dispatcher } = parts;
  const gone = [...paths.removed, ...paths.changed];
  for (const path of gone) context.timers.clear({ type: 'probe', path });
  for (const path of paths.removed) parts.paths.delete(path);
  const begun = new Set([...paths.added, ...paths.changed]);
  for (const path of context.site.paths) if (begun.has(path.id)) parts.paths.set(path.id, parts.makePath(path));
  dispatcher.adopt(paths);
  for (const path of begun) known(parts.paths, path, 'path').start();
  canary?.pathsGone(gone);
}

function takeUpDevices(changes: SiteChanges, parts: CoreParts): void {
  const { checkpoint, context, removed, signals } = parts;
  const { site, now, timers } = context;
  const begun = [...renewedDevices(changes)].map((id) => parts.makeDevice(known(site.devices, id, 'device')));
  for (const each of begun) {
    removed.handOver(each, now.monoMs);
    parts.devices.set(each.device.id, each);
  }
  for (const id of changes.devices.reworded) {
    const device = known(site.devices, id, 'device');
    known(parts.devices, id, 'device').adopt(device);
    signals.adopt(device);
  }
  const bridges = [...parts.bridges.keys()];
  parts.connect();
  const lost = bridges.filter((id) => !parts.bridges.has(id));
  timers.clearAll((timer) => 'bridge' in timer && lost.includes(timer.bridge));
  for (const input of changes.inputs.removed) timers.clear({ type: 'inputDue', input });
  for (const input of changes.inputs.added) known(parts.inputs, input, 'input').start();
  // The documents of all devices name the kinds of their buttons.
  const areKinds = changes.kinds.changed.length > 0;
  for (const each of areKinds ? parts.devices.values() : begun) each.publish();
  // Which of a device's keys the present one is must be known after a crash, too.
  checkpoint.write(begun);
}

function takeUpDoors(changes: SiteChanges, { context, doors }: CoreParts): void {
  const { added, changed, removed } = changes.doors;
  const begun = renewedDevices(changes);
  const renewed = new Set([...added, ...changed]);
  for (const door of context.site.doors) if (devicesOf(door).some((id) => begun.has(id))) renewed.add(door.id);
  context.timers.clearAll((timer) => 'door' in timer && (renewed.has(timer.door) || removed.includes(timer.door)));
  doors.adopt(renewed);
}

function takeUpCanary(present: Site, parts: CoreParts): void {
  const { context } = parts;
  if (present.canary === context.site.canary) return;
  for (const type of ['canaryDue', 'canaryLate', 'canaryRelease'] as const) context.timers.clear({ type });
  parts.canary = parts.makeCanary();
  parts.canary?.start();
}

/** Nothing may go on to show what the site does not have. */
function tellGone({ devices, inputs, paths, doors }: SiteChanges, { context }: CoreParts): void {
  const gone = { device: devices, input: inputs, path: paths, door: doors } as const;
  for (const of of ['device', 'input', 'path', 'door'] as const) {
    for (const id of gone[of].removed) context.publish({ kind: 'gone', document: { of, id } });
  }
}
