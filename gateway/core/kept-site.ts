import { isAlike } from './is-alike.ts';
import type { Site } from './site.ts';

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
