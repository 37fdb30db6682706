import type { PointType } from '../../core/site.ts';
import { id, label, latin, location, mapping, number, text, whole } from '../fields/fields.ts';

const point = (about: string) =>
  text(
    /^[a-z0-9][a-z0-9-]{0,31}\/[a-z0-9][a-z0-9-]{0,31}$/,
    'a device and one of its points, such as wb-101/door',
    about,
  ).optional();

/** An entry under `doors:`. */
export const door = mapping(
  {
    id: id('Name of the door, for example door-101.'),
    location: location("Where the door is; default: the place of the contact's device.").optional(),
    name: label('What people call the door; default: its room, "Rm 101 Reception".').optional(),
    latin,
    contact: point('Point that shows whether the door is open.'),
    bolt: point('Point that shows whether the door is locked.'),
    heldOpenSeconds: number(
      1,
      86_400,
      60,
      'A door that is open for longer is reported; absent: it may stand open.',
    ).optional(),
    zone: whole(0, 999, 101, "Number of the door in the receiver's list; default: its contact's zone.").optional(),
  },
  '{ id: door-101, contact: wb-101/door, bolt: wb-101/bolt }',
);

/** The two parts of `wb-101/door`. */
export function pointParts(written: string): readonly [device: string, point: string] {
  const [device = '', point = ''] = written.split('/');
  return [device, point];
}

/**
 * The door that a device makes when no entry under `doors:` names any of its points. One door
 * contact, one bolt or one of each belong together without doubt.
 */
export function ownDoor<P extends { readonly type: PointType }>(
  points: readonly P[],
): { readonly contact?: P; readonly bolt?: P } | undefined {
  const [contact, ...contacts] = points.filter(({ type }) => type === 'doorContact');
  const [bolt, ...bolts] = points.filter(({ type }) => type === 'bolt');
  if (contacts.length > 0 || bolts.length > 0 || (contact === undefined && bolt === undefined)) return undefined;
  return { ...(contact === undefined ? {} : { contact }), ...(bolt === undefined ? {} : { bolt }) };
}
