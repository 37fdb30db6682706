import { type DrillScope, isInScope } from '../../protocol/drill-scope.ts';
import type { Device, Site } from './site.ts';

/** Is the device in the place of this drill or walk test? */
export function isWithin(place: DrillScope, { id, location }: Pick<Device, 'id' | 'location'>): boolean {
  const { building, floor, room } = location;
  return isInScope(place, { device: id, building, floor, room });
}

/** Does the site have anything there? */
export function hasPlace(place: DrillScope, { devices }: Site): boolean {
  return place.kind === 'site' || [...devices.values()].some((device) => isWithin(place, device));
}

/** Is any device in both? */
export function overlap(one: DrillScope, other: DrillScope, { devices }: Site): boolean {
  if (one.kind === 'site' && other.kind === 'site') return true;
  return [...devices.values()].some((device) => isWithin(one, device) && isWithin(other, device));
}
