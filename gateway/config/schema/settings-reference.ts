import * as z from 'zod';
import { ANY_INPUT_DRIVER, INPUT_DRIVER_NAMES } from '../inputs/input-drivers.ts';
import { ANY_PATH_DRIVER, PATH_DRIVER_NAMES } from '../paths/path-drivers.ts';
import { siteSchema } from './site-schema.ts';

/** One field of `site.yaml`, for a person. */
export interface Setting {
  /** `devices.buttons.kind`; `NAME` stands for a name of the site's own. */
  readonly key: string;
  /** Drivers of the input or path that the entry belongs to; absent: all. */
  readonly drivers?: readonly string[];
  readonly required: boolean;
  readonly meaning: string;
  /** What may be written: form and range. */
  readonly write: string;
  readonly example?: string;
  /** As written in YAML. */
  readonly default?: string;
  readonly unit?: string;
  /** True if the value has settings of its own. */
  readonly hasFields: boolean;
}

/** Stands for a name of the site's own, such as that of a kind. */
export const ANY_NAME = 'NAME';

/** The sections whose entries depend on a driver, and each driver's entry. */
const SECTIONS = new Map<string, ReadonlyMap<string, z.ZodType>>([
  ['inputs', new Map(INPUT_DRIVER_NAMES.map((name, at) => [name, schemaAt(ANY_INPUT_DRIVER, at).input]))],
  ['devices', new Map(INPUT_DRIVER_NAMES.map((name, at) => [name, schemaAt(ANY_INPUT_DRIVER, at).device]))],
  [
    'outputs',
    new Map(
      INPUT_DRIVER_NAMES.flatMap((name, at) => {
        const { output } = schemaAt(ANY_INPUT_DRIVER, at);
        return output === undefined ? [] : [[name, output] as const];
      }),
    ),
  ],
  ['paths', new Map(PATH_DRIVER_NAMES.map((name, at) => [name, schemaAt(ANY_PATH_DRIVER, at).path]))],
]);

/** Every field of `site.yaml`, each section's together, in the order of the schema. */
export function settingsReference(): readonly Setting[] {
  return Object.entries(siteSchema.shape).flatMap(([name, schema]) => {
    const byDriver = SECTIONS.get(name);
    if (byDriver === undefined) return fieldsOf(name, schema);
    const own = fieldsOf(name, schema).map((setting) => ({ ...setting, hasFields: true }));
    return [...own, ...merged(name, byDriver)];
  });
}

/** Names and meanings of the drivers of a section such as `paths`; empty for another one. */
export function driversOf(section: string): ReadonlyMap<string, string> {
  const drivers = SECTIONS.get(section) ?? new Map<string, z.ZodType>();
  return new Map([...drivers].map(([name, schema]) => [name, aboutDriver(name, schema)]));
}

/** Fields that all drivers share once, the others with the drivers that have them. */
function merged(section: string, byDriver: ReadonlyMap<string, z.ZodType>): Setting[] {
  const drivers = new Map<string, { readonly setting: Setting; readonly names: string[] }>();
  for (const [name, schema] of byDriver) {
    for (const found of childrenOf(section, schema)) {
      const setting = found.key === `${section}.driver` ? driverSetting(found, [...byDriver.keys()]) : found;
      const same = JSON.stringify(setting);
      const entry = drivers.get(same) ?? { setting, names: [] };
      entry.names.push(name);
      drivers.set(same, entry);
    }
  }
  return [...drivers.values()].map(({ setting, names }) =>
    names.length === byDriver.size ? setting : { ...setting, drivers: names },
  );
}

function driverSetting(found: Setting, names: readonly string[]): Setting {
  const meaning = found.key === 'paths.driver' ? 'How alerts go out.' : 'How signals come in.';
  return { ...found, meaning, write: `one of: ${names.join(', ')}` };
}

function aboutDriver(name: string, schema: z.ZodType): string {
  const { driver } = shapesOf(schema)[0] ?? {};
  const about = driver === undefined ? '' : (descriptionOf(driver) ?? '');
  return about.startsWith(`${name}: `) ? about.slice(name.length + 2) : about;
}

function fieldsOf(key: string, schema: z.ZodType): Setting[] {
  const children = childrenOf(key, schema);
  const [write, example] = writtenAs(schema);
  const unit = unitOf(key);
  const usual = defaultOf(schema);
  const own: Setting = {
    key,
    required: !acceptsNothing(schema),
    meaning: descriptionOf(schema) ?? '',
    write,
    ...(example === undefined ? {} : { example }),
    ...(usual === undefined ? {} : { default: usual }),
    ...(unit === undefined ? {} : { unit }),
    hasFields: children.length > 0,
  };
  return [own, ...children];
}

function childrenOf(key: string, schema: z.ZodType): Setting[] {
  // They are the fields of devices, which have a place of their own.
  if (key === 'inputs.defaults') return [];
  const below = (name: string, inner: z.ZodType) => fieldsOf(`${key}.${name}`, inner);
  const all = shapesOf(schema).flatMap((shape) => Object.entries(shape).flatMap(([name, inner]) => below(name, inner)));
  const unique = new Map(all.map((setting) => [JSON.stringify(setting), setting]));
  return [...unique.values()];
}

type Shape = Readonly<Record<string, z.ZodType>>;

/** The mappings that a value, or an entry of it, may be. */
function shapesOf(schema: z.ZodType): Shape[] {
  const inner = layersOf(schema).at(-1);
  if (inner instanceof z.ZodObject) return [inner.shape as Shape];
  if (inner instanceof z.ZodArray) return shapesOf(inner.element as z.ZodType);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => shapesOf(option as z.ZodType));
  if (!(inner instanceof z.ZodRecord)) return [];
  return shapesOf(inner.valueType as z.ZodType).map((shape) =>
    Object.fromEntries(Object.entries(shape).map(([name, field]) => [`${ANY_NAME}.${name}`, field])),
  );
}

/** The schema, and what it wraps: defaults, options and transforms around a value. */
function layersOf(schema: z.ZodType): z.ZodType[] {
  const layers = [schema];
  for (let at: z.ZodType = schema; ; ) {
    if (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault)
      at = at.unwrap() as z.ZodType;
    else if (at instanceof z.ZodPipe) at = at.in as z.ZodType;
    else return layers;
    layers.push(at);
  }
}

function descriptionOf(schema: z.ZodType): string | undefined {
  return layersOf(schema).find(({ description }) => description !== undefined)?.description;
}

function acceptsNothing(schema: z.ZodType): boolean {
  return schema.safeParse(undefined).success;
}

/** A value that fits no field. The schema then answers what to write. */
const UNFIT = Symbol('fits nothing');
const SUCH_AS = ', such as ';

function writtenAs(schema: z.ZodType): readonly [write: string, example?: string] {
  const message = schema.safeParse(UNFIT).error?.issues[0]?.message ?? 'any value';
  // zod's own text for a union: that of its first choice says more.
  const inner = layersOf(schema).at(-1);
  if (message === 'Invalid input' && inner instanceof z.ZodUnion) return writtenAs(inner.options[0] as z.ZodType);
  const at = message.indexOf(SUCH_AS);
  if (at < 0) return [message];
  const [example = '', ...more] = message.slice(at + SUCH_AS.length).split('; ');
  return [[message.slice(0, at), ...more].join('; '), example];
}

function defaultOf(schema: z.ZodType): string | undefined {
  const layer = layersOf(schema).find((each) => each instanceof z.ZodDefault);
  if (layer === undefined) return undefined;
  const value: unknown = layer.parse(undefined);
  const text = JSON.stringify(value);
  return typeof value === 'string' && /^[a-z][\w.-]*$/i.test(value) ? value : text;
}

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/milliseconds$/i, 'milliseconds'],
  [/seconds$/i, 'seconds'],
  [/secondsPerMinute$/, 'seconds in each minute'],
  [/minutes$/i, 'minutes'],
  [/hours$/i, 'hours'],
  [/days$/i, 'days'],
  [/megabytes$/i, 'MiB'],
  [/percent$/i, '%'],
  [/(baudRate|bitsPerSecond)$/, 'bit/s'],
  [/radius$/, 'metres'],
  [/(latitude|longitude)$/, 'degrees'],
];

function unitOf(key: string): string | undefined {
  return UNITS.find(([name]) => name.test(key))?.[1];
}

function schemaAt<T>(all: readonly T[], at: number): T {
  const found = all[at];
  if (found === undefined) throw new Error('a driver has a name and no schema');
  return found;
}
