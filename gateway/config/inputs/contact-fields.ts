import type { ContactTiming } from '../../core/site.ts';
import type { ContactWiring, WiredContact } from '../../inputs/wired-contact.ts';
import { byPlace } from '../fields/device-schema.ts';
import { choice, number, whole } from '../fields/fields.ts';
import { seconds } from '../fields/values.ts';

const WIRINGS = [
  'normallyOpen',
  'normallyClosed',
  'endOfLine',
  'doubleEndOfLine',
] as const satisfies readonly ContactWiring[];

/** Fields of every wired contact. */
export const contactFields = {
  ...byPlace,
  contact: choice(
    WIRINGS,
    'normallyOpen, normallyClosed: a bare contact, whose cut cable nobody notices. endOfLine, doubleEndOfLine: with resistors that tell.',
  ),
};

/** Fields of every wired button. */
export const pressFields = {
  debounceMilliseconds: whole(
    1,
    1000,
    50,
    'After a press the contact must have been open this long before the next one counts.',
  ).default(50),
  minimumPressMilliseconds: whole(
    0,
    500,
    2,
    'A contact active for at least this long is a press; 0: any edge is. The default suits the input.',
  ).optional(),
  stuckAfterSeconds: number(1, 3600, 60, 'A button pressed for longer is reported as stuck.').default(60),
};

interface WiredButton {
  readonly number: number;
  readonly debounceMilliseconds: number;
  readonly minimumPressMilliseconds?: number | undefined;
  readonly stuckAfterSeconds: number;
}

/** @param usualMinimumMs what the input's wire needs if the site gives no value */
export function buttonContacts<B extends WiredButton>(
  buttons: readonly B[],
  usualMinimumMs: (button: B) => number,
): ReadonlyMap<number, ContactTiming> {
  return new Map(
    buttons.map((button) => [
      button.number,
      {
        minimumMs: button.minimumPressMilliseconds ?? usualMinimumMs(button),
        rearmMs: button.debounceMilliseconds,
        stuckMs: seconds(button.stuckAfterSeconds),
      },
    ]),
  );
}

/** A bare contact is one bit: cut and open (or pressed) look the same. */
export function isBare(contact: string | undefined): boolean {
  return contact === 'normallyOpen' || contact === 'normallyClosed';
}

export function wiresSupervised(device: {
  readonly buttons: readonly { readonly contact: string }[];
  readonly points: readonly { readonly contact: string }[];
}): boolean {
  return [...device.buttons, ...device.points].every(({ contact }) => !isBare(contact));
}

/** The contacts of a device, its buttons first. */
export function wiredContacts<B extends { readonly number: number }, P extends { readonly number: number }>(
  device: { readonly id: string; readonly buttons: readonly B[]; readonly points: readonly P[] },
  wiring: (contact: B | P) => Pick<WiredContact, 'pin' | 'cutPin' | 'contact' | 'pull'>,
): WiredContact[] {
  const wired = (of: 'button' | 'point') => (contact: B | P) => {
    return { device: device.id, of, number: contact.number, ...wiring(contact) };
  };
  return [...device.buttons.map(wired('button')), ...device.points.map(wired('point'))];
}
