import { isAlike } from './is-alike.ts';
import type { Device, Site } from './site.ts';

/**
 * The next site, with the very objects of the present one wherever nothing has changed. Alerts and
 * supervisions refer to them.
 */
export function keptSite(present: Site, next: Site): Site {
  const { canary } = next;
  return {
    ...next,
    kinds: keptMap(present.kinds, next.kinds),
    inputs: keptList(present.inputs, next.inputs),
    devices: keptMap(present.devices, next.devices),
    outputs: keptList(present.outputs, next.outputs),
    paths: keptList(present.paths, next.paths),
    doors: keptList(present.doors, next.doors),
    ...(canary !== undefined && { canary: kept(present.canary, canary) }),
  };
}

/** Devices that are compared in one step. */
const STEP = 32;

/** As `keptSite`, in steps: thousands of devices must not hold up a press. */
export function* keptSiteInSteps(present: Site, next: Site): Generator<undefined, Site> {
  const devices = new Map<string, Device>();
  for (const [id, each] of next.devices) {
    devices.set(id, kept(present.devices.get(id), each));
    if (devices.size % STEP === 0) yield;
  }
  return keptSite(present, { ...next, devices });
}

function keptMap<T>(present: ReadonlyMap<string, T>, next: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...next].map(([id, each]) => [id, kept(present.get(id), each)]));
}

function keptList<T extends { readonly id: string }>(present: readonly T[], next: readonly T[]): readonly T[] {
  const byId = new Map(present.map((each) => [each.id, each]));
  return next.map((each) => kept(byId.get(each.id), each));
}

function kept<T>(present: T | undefined, next: T): T {
  return present !== undefined && isAlike(present, next) ? present : next;
}
