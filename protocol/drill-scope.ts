/** The place of a drill: the whole site, or a part of it down to one device. */
export type DrillScope =
  | { readonly kind: 'site' }
  | { readonly kind: 'building'; readonly building: string }
  | { readonly kind: 'floor'; readonly building: string; readonly floor: string }
  | { readonly kind: 'room'; readonly building: string; readonly floor: string; readonly room: string }
  | { readonly kind: 'device'; readonly device: string };

/** The accepted forms, for messages and help. */
export const SCOPE_FORMS = 'site, building:A, floor:A/1, room:A/1/101 or device:wb-101';

/** One part of a location: letters, digits, space, dot, - and _. */
export const PLACE_PATTERN = /^[\p{L}\p{N}-](?:[\p{L}\p{N} ._-]{0,30}[\p{L}\p{N}._-])?$/u;
/** A device's id as the configuration allows it. */
const DEVICE = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** Three parts of 32 characters, each up to two code units long, and the text around them. */
const LONGEST = 256;

/**
 * Reads `site`, `building:A`, `floor:A/1`, `room:A/1/101` or `device:wb-101`. It does not check
 * whether the site has such a place.
 * @returns undefined for everything else; never throws
 */
export function parseScope(text: string): DrillScope | undefined {
  if (text === 'site') return { kind: 'site' };
  const colon = text.indexOf(':');
  if (colon < 0 || text.length > LONGEST) return undefined;
  const kind = text.slice(0, colon);
  const where = text.slice(colon + 1);
  if (kind === 'device') return DEVICE.test(where) ? { kind, device: where } : undefined;
  const places = where.split('/');
  if (!places.every((place) => PLACE_PATTERN.test(place))) return undefined;
  const [building = '', floor = '', room = ''] = places;
  if (kind === 'building' && places.length === 1) return { kind, building };
  if (kind === 'floor' && places.length === 2) return { kind, building, floor };
  if (kind === 'room' && places.length === 3) return { kind, building, floor, room };
  return undefined;
}

/** Writes a scope in the form that `parseScope` reads. */
export function scopeText(scope: DrillScope): string {
  switch (scope.kind) {
    case 'site':
      return 'site';
    case 'building':
      return `building:${scope.building}`;
    case 'floor':
      return `floor:${scope.building}/${scope.floor}`;
    case 'room':
      return `room:${scope.building}/${scope.floor}/${scope.room}`;
    case 'device':
      return `device:${scope.device}`;
  }
}

/** A device and its place (configuration ids). */
interface Placed {
  readonly device: string;
  readonly building: string;
  readonly floor: string;
  readonly room: string;
}

/** True if the scope covers the device. */
export function isInScope(scope: DrillScope, { device, building, floor, room }: Placed): boolean {
  switch (scope.kind) {
    case 'site':
      return true;
    case 'building':
      return building === scope.building;
    case 'floor':
      return building === scope.building && floor === scope.floor;
    case 'room':
      return building === scope.building && floor === scope.floor && room === scope.room;
    case 'device':
      return device === scope.device;
  }
}
