import * as z from 'zod';
import { deviceSchema, type OwnFields } from '../fields/device-schema.ts';
import { choice, expected } from '../fields/fields.ts';
import { outputSchema } from '../fields/output-schema.ts';
import { ANY_INPUT_DRIVER, INPUT_DRIVER_NAMES } from '../inputs/input-drivers.ts';
import { ANY_PATH_DRIVER, PATH_DRIVER_NAMES } from '../paths/path-drivers.ts';

/*
 * The schema of an entry whose driver is not known: all drivers together, for editors; and their
 * common fields, for an entry that names an input or driver that does not exist.
 */

export const unknownInput = z.looseObject(
  { driver: choice(INPUT_DRIVER_NAMES, 'How signals come in.') },
  expected('names with values, such as { id: bus-1, driver: button-bus, port: … }'),
);

export const unknownPath = z.looseObject(
  { driver: choice(PATH_DRIVER_NAMES, 'How alerts go out.') },
  expected('names with values, such as { id: central, driver: dc09-tcp, … }'),
);

export const unknownDevice = deviceSchema(mergedFields(() => z.unknown().optional()));

export const unknownOutput = outputSchema({}, '{ id: trouble-relay, input: header, … }').loose();

export function anyInput() {
  return z.union(ANY_INPUT_DRIVER.map(({ input }) => input));
}

export function anyPath() {
  return z.union(ANY_PATH_DRIVER.map(({ path }) => path));
}

export function anyDevice() {
  return deviceSchema(mergedFields((variants) => either(variants).optional()));
}

export function anyOutput() {
  return z.union(ANY_INPUT_DRIVER.flatMap(({ output }) => (output === undefined ? [] : [output])));
}

/** Names of fields that the devices, buttons and points of some drivers have. */
export const OWN_FIELD_NAMES: ReadonlySet<string> = new Set(
  ANY_INPUT_DRIVER.flatMap(({ own }) => Object.values(own).flatMap((shape) => Object.keys(shape))),
);

function mergedFields(merge: (variants: z.ZodType[]) => z.ZodType): OwnFields {
  const part = (name: keyof OwnFields) => {
    const shapes = ANY_INPUT_DRIVER.map(({ own }) => own[name]);
    const names = new Set(shapes.flatMap((shape) => Object.keys(shape)));
    const fields = [...names].map((field) => {
      const variants = new Set(shapes.flatMap((shape) => shape[field] ?? []));
      return [field, merge([...variants] as z.ZodType[])] as const;
    });
    return Object.fromEntries(fields);
  };
  return { device: part('device'), button: part('button'), point: part('point') };
}

function either(variants: readonly z.ZodType[]): z.ZodType {
  const [only, ...more] = variants;
  return only !== undefined && more.length === 0 ? only : z.union(variants);
}
