import type { DrillScope } from '../../protocol/drill-scope.ts';
import type { Device, Site } from './site.ts';

/** Is the device in the place of this drill or walk test? */
export function isWithin(place: DrillScope, { id, location }: Pick<Device, 'id' | 'location'>): boolean {
  switch (place.kind) {
    case 'site':
      return true;
    case 'building':
      return location.building === place.building;
    case 'floor':
      return location.building === place.building && location.floor === place.floor;
    case 'room':
      return location.building === place.building && location.floor === place.floor && location.room === place.room;
    case 'device':
      return id === place.device;
  }
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
