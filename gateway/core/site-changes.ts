import { isAlike } from './is-alike.ts';
import type { Reopened } from './reopened.ts';
import type { Device, Door, Site } from './site.ts';

/** Ids of what differs between two sites. */
interface Differing {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

interface DeviceChanges extends Differing {
  /**
   * Only names, places and the meanings of presses differ: what is known of the device still holds.
   */
  readonly reworded: readonly string[];
}

export interface SiteChanges {
  readonly devices: DeviceChanges;
  readonly inputs: Differing;
  /** `changed` includes paths whose drivers start anew. */
  readonly paths: Differing;
  readonly doors: Differing;
  readonly outputs: Differing;
  readonly kinds: Differing;
}

/** @param next made by `keptSite`: what has not changed is the same object */
export function siteChanges(present: Site, next: Site, reopened: Reopened): SiteChanges {
  const devices = differing(present.devices, next.devices);
  const isReworded = (id: string) => isAlike(asHeard(present.devices.get(id)), asHeard(next.devices.get(id)));
  const paths = differing(byId(present.paths), byId(next.paths));
  const alsoReopened = [...reopened.paths].filter((id) => !paths.changed.includes(id) && !paths.added.includes(id));
  return {
    devices: {
      ...devices,
      changed: devices.changed.filter((id) => !isReworded(id)),
      reworded: devices.changed.filter(isReworded),
    },
    inputs: differing(byId(present.inputs), byId(next.inputs)),
    paths: { ...paths, changed: [...paths.changed, ...alsoReopened] },
    doors: differing(byId(present.doors), byId(next.doors)),
    outputs: differing(byId(present.outputs), byId(next.outputs)),
    kinds: differing(present.kinds, next.kinds),
  };
}

/** Devices whose supervision begins anew. */
export function renewedDevices({ devices }: SiteChanges): ReadonlySet<string> {
  return new Set([...devices.added, ...devices.changed]);
}

/** The devices at a door. */
export function devicesOf({ contact, bolt }: Door): readonly string[] {
  return [contact, bolt].flatMap((point) => point?.device ?? []);
}

function byId<T extends { readonly id: string }>(all: readonly T[]): ReadonlyMap<string, T> {
  return new Map(all.map((each) => [each.id, each]));
}

function differing(present: ReadonlyMap<string, unknown>, next: ReadonlyMap<string, unknown>): Differing {
  const added = [...next.keys()].filter((id) => !present.has(id));
  const removed = [...present.keys()].filter((id) => !next.has(id));
  const changed = [...next].flatMap(([id, each]) => (present.has(id) && present.get(id) !== each ? [id] : []));
  return { added, removed, changed };
}

/** All of a device that decides what is heard of it, and nothing of what is said about it. */
function asHeard(device: Device | undefined): unknown {
  if (device === undefined) return undefined;
  const { location: _, zone: __, area: ___, silent: ____, marksUnauthenticated: _____, ...heard } = device;
  return {
    ...heard,
    buttons: [...device.buttons.values()].map(({ id, number, contact }) => ({ id, number, contact })),
    points: [...device.points.values()].map(({ zone: _, ...point }) => point),
  };
}
