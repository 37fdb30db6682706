import * as z from 'zod';
import { NEVER_INHERITED } from '../../../protocol/input-defaults.ts';
import type { PressPattern } from '../../../protocol/press-pattern.ts';
import { choice, expected, flag, ID_PATTERN, id, list, location, mapping, text, whole } from './fields.ts';

/** The fields of one driver's devices beside those of all devices. */
export interface OwnFields<
  D extends z.ZodRawShape = z.ZodRawShape,
  B extends z.ZodRawShape = z.ZodRawShape,
  P extends z.ZodRawShape = z.ZodRawShape,
> {
  readonly device: D;
  readonly button: B;
  readonly point: P;
}

export const PATTERNS = ['single', 'double', 'triple', 'long', 'longDouble', 'longTriple', 'hold'] as const;

export const pressPattern = choice(PATTERNS satisfies readonly PressPattern[], 'Way of pressing.');

const zone = whole(0, 999, 101, "Number of the place in the receiver's list, 0…999; 0 = none.");

const kindOf = (about: string) =>
  text(ID_PATTERN, 'a kind of alert: intruder, hold-up, medical, fire, assistance or one under kinds:', about);

/** Fields of buttons whose wire tells how they were pressed. */
export const pressKinds = {
  longPress: kindOf('Kind of alert a long press raises; absent: the same.').optional(),
  patterns: z
    .partialRecord(
      z.enum(PATTERNS, expected(`one of: ${PATTERNS.join(', ')}`)),
      kindOf('Kind of alert.'),
      expected('ways of pressing with kinds of alert, such as { long: fire }'),
    )
    .describe('Kinds of alert that other press patterns raise; a pattern that is not listed raises kind.')
    .optional(),
};

/** Fields of buttons and points that need no number. */
export const byPlace = {
  number: whole(
    0,
    255,
    0,
    'Number of the button or point on its device; default: its place in the list, from 0.',
  ).optional(),
};

const button = {
  id: id('Name of the button, for example button-1.'),
  kind: kindOf('Kind of alert a press raises. Default hold-up: silent.').default('hold-up'),
  zone: whole(
    1,
    999,
    101,
    "Number of the place in the receiver's list, 1…999; no two rooms of one area may share it.",
    '; with more than 999 rooms give some devices, or a building, another area: zones begin anew in each',
  ),
};

const point = {
  id: id('Name of the point, for example door.'),
  type: choice(['doorContact', 'bolt', 'tamper'], 'What the contact watches.'),
  zone: zone.default(0),
  debounceMilliseconds: whole(0, 10_000, 50, 'A change must hold this long before it counts.').default(50),
};

const device = {
  id: id('Name of the device, for example wb-101.'),
  input: id('Input that receives the device.'),
  location: location('Its place: building/floor/room number, as under buildings:.'),
  zone: zone.default(0).describe("Zone of the device's own troubles: tamper, battery, missing."),
  area: whole(0, 99, 1, "Area (partition) at the receiver; 0 = none. Default: its building's.").optional(),
  missedHeartbeats: whole(1, 100, 3, 'Heartbeats missed before the device is reported missing.').default(3),
  silent: flag(
    'True: the wall shows and sounds nothing, whatever happens to a press. Default: true if one of the buttons raises a silent kind.',
  ).optional(),
};

/** An entry under `devices:` for a device on an input of one driver. */
export function deviceSchema<D extends z.ZodRawShape, B extends z.ZodRawShape, P extends z.ZodRawShape>(
  own: OwnFields<D, B, P>,
) {
  const buttons = list(
    mapping({ ...button, ...own.button }, '{ id: button-1, kind: hold-up, zone: 101 }'),
    '- { id: button-1, kind: hold-up, zone: 101 }',
    'Panic buttons.',
  );
  const points = list(
    mapping({ ...point, ...own.point }, '{ id: door, type: doorContact, zone: 201 }'),
    '- { id: door, type: doorContact }',
    'Contacts.',
  );
  return mapping(
    {
      ...device,
      ...own.device,
      buttons: buttons.transform((items) => items.map(numbered)).default([]),
      points: points.transform((items) => items.map(numbered)).default([]),
    },
    '{ id: wb-101, input: bus-1, location: A/1/101 }',
  );
}

/**
 * What the devices of an input have unless their own entry says otherwise: any of their fields but
 * those that no two of them share.
 */
export function defaultsSchema(own: OwnFields) {
  const parts = (shape: z.ZodRawShape, example: string, about: string) =>
    list(mapping(allOptional(shape), example), `- ${example}`, about).optional();
  const { buttons, points } = {
    buttons: parts({ ...button, ...own.button }, '{ id: button-1, kind: hold-up }', 'Panic buttons.'),
    points: parts({ ...point, ...own.point }, '{ id: door, type: doorContact }', 'Contacts.'),
  };
  const shared = Object.entries({ ...device, ...own.device }).filter(([name]) => !NEVER_INHERITED.includes(name));
  return mapping(
    { ...allOptional(Object.fromEntries(shared)), buttons, points },
    '{ heartbeatSeconds: 60, buttons: [{ id: button-1, kind: intruder }] }',
  )
    .describe(
      'What each device of this input has unless its own entry says otherwise: any field of devices: but id, input, location, address and zone. Buttons and points without a zone have that of their device.',
    )
    .optional();
}

function allOptional(shape: z.ZodRawShape): z.ZodRawShape {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, (field as z.ZodType).optional()]));
}

function numbered<T extends object>(item: T, place: number): T & { number: number } {
  const written: unknown = 'number' in item ? item.number : undefined;
  return { ...item, number: typeof written === 'number' ? written : place };
}

export interface CommonButton {
  readonly id: string;
  readonly number: number;
  readonly kind: string;
  readonly zone: number;
  readonly longPress?: string | undefined;
  readonly patterns?: Readonly<Partial<Record<PressPattern, string>>> | undefined;
}

export interface CommonPoint {
  readonly id: string;
  readonly number: number;
  readonly type: (typeof point.type.options)[number];
  readonly zone: number;
  readonly debounceMilliseconds: number;
}
