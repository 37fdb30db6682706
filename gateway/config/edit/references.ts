import type { SiteFile } from '../schema/site-schema.ts';
import type { SiteEdit } from './site-edit.ts';

/** Something in the site that names a device. */
interface Reference {
  /** `door main-entrance, contact: wb-101/door` */
  readonly what: string;
  readonly of: 'door' | 'canary';
  /** Place of the door in its list. */
  readonly index: number;
  readonly field: 'contact' | 'bolt' | 'device';
  readonly part: string;
}

const DOOR_PARTS = ['contact', 'bolt'] as const;

/** What in the site names a device. */
export function referencesTo(site: SiteFile, device: string): readonly Reference[] {
  const doors = site.doors.flatMap((door, index) =>
    DOOR_PARTS.flatMap((field): Reference[] => {
      const [named, part = ''] = (door[field] ?? '').split('/');
      if (named !== device) return [];
      return [{ what: `door ${door.id}, ${field}: ${door[field]}`, of: 'door', index, field, part }];
    }),
  );
  if (site.canary?.device !== device) return doors;
  const what = `the canary, device: ${device}, button: ${site.canary.button}`;
  return [...doors, { what, of: 'canary', index: 0, field: 'device', part: site.canary.button }];
}

export function renameReference(edit: SiteEdit, { of, index, field, part }: Reference, to: string): void {
  if (of === 'canary') edit.edits.set(['canary', 'device'], to);
  else edit.edits.set(['doors', index, field], `${to}/${part}`);
}

/** Removes the parts of doors that a device was, doors without parts, and the canary. */
export function removeReferences(edit: SiteEdit, device: string): void {
  const found = referencesTo(edit.site, device);
  if (found.some(({ of }) => of === 'canary')) edit.edits.remove(['canary']);
  for (const [index, door] of edit.site.doors.entries()) {
    const gone = found.filter((each) => each.of === 'door' && each.index === index).map(({ field }) => field);
    if (gone.length === 0) continue;
    const left = DOOR_PARTS.filter((part) => door[part] !== undefined && !gone.includes(part));
    if (left.length === 0) {
      edit.edits.remove(['doors', index]);
      continue;
    }
    for (const field of gone) edit.edits.remove(['doors', index, field]);
    // Without a contact nobody knows how long a door is open.
    if (gone.includes('contact') && door.heldOpenSeconds !== undefined)
      edit.edits.remove(['doors', index, 'heldOpenSeconds']);
  }
}
