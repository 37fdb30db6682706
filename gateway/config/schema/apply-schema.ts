import type * as z from 'zod';
import { textOrEmpty } from '../../../protocol/scalar.ts';
import { ID_PATTERN } from '../fields/fields.ts';
import {
  type AnyInputDriver,
  inputDriverNamed,
  isInputDriverName,
  type WrittenDevice,
  type WrittenInput,
  type WrittenOutput,
} from '../inputs/input-drivers.ts';
import { isPathDriverName, pathDriverNamed, type WrittenPath } from '../paths/path-drivers.ts';
import type { Mistake } from '../read/mistake.ts';
import { isMapping, pathKey } from '../read/view.ts';
import type { YamlPath, YamlSource } from '../read/yaml-source.ts';
import { type OwnPlace, SchemaMistakes } from './schema-mistakes.ts';
import { type SiteFile, siteSchema } from './site-schema.ts';
import { OWN_FIELD_NAMES, unknownDevice, unknownInput, unknownOutput, unknownPath } from './unknown-driver-schema.ts';

interface SchemaResult {
  /** Absent if the file does not fit the schema. */
  readonly site?: SiteFile;
  /** Paths of the values that are already reported as wrong (`pathKey`). */
  readonly rejected: ReadonlySet<string>;
}

/** Compares the file with the schema and adds a mistake for everything that does not fit. */
export function applySchema(source: YamlSource, mistakes: Mistake[]): SchemaResult {
  const value = withoutEmpty(source.value);
  const reader = new SchemaReader(source, mistakes);
  const site = reader.read(siteSchema, value, []);
  const drivers = driversOf(value);
  const on = (entry: unknown) => drivers.get(textOrEmpty(field(entry, 'input')));
  const inputs = entriesOf(value, 'inputs').map((entry, i) => readInput(reader, entry, ['inputs', i]));
  const devices = entriesOf(value, 'devices').map((entry, i) => readDevice(reader, entry, ['devices', i], on(entry)));
  const outputs = entriesOf(value, 'outputs').map((entry, i) => readOutput(reader, entry, ['outputs', i], on(entry)));
  const paths = entriesOf(value, 'paths').map((entry, i) => readPath(reader, entry, ['paths', i]));
  const { rejected } = reader;
  if (site === undefined || !isWhole(inputs) || !isWhole(devices) || !isWhole(outputs) || !isWhole(paths)) {
    return { rejected };
  }
  return { site: { ...site, inputs, devices, outputs, paths }, rejected };
}

class SchemaReader {
  readonly rejected = new Set<string>();
  readonly #mistakes: SchemaMistakes;

  constructor(source: YamlSource, mistakes: Mistake[]) {
    this.#mistakes = new SchemaMistakes(source, mistakes);
  }

  read<T>(schema: z.ZodType<T>, value: unknown, path: YamlPath, own?: OwnPlace): T | undefined {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      const wrong = this.#mistakes.add(issue, path, schema, own);
      if (wrong !== undefined) this.rejected.add(pathKey(wrong));
    }
    return undefined;
  }
}

function readInput(reader: SchemaReader, entry: unknown, path: YamlPath): WrittenInput | undefined {
  const name = field(entry, 'driver');
  if (!isInputDriverName(name)) {
    reader.read(unknownInput, entry, path);
    return undefined;
  }
  const { input } = inputDriverNamed(name);
  return reader.read(input, entry, path);
}

function readPath(reader: SchemaReader, entry: unknown, path: YamlPath): WrittenPath | undefined {
  const name = field(entry, 'driver');
  if (!isPathDriverName(name)) {
    reader.read(unknownPath, entry, path);
    return undefined;
  }
  return reader.read(pathDriverNamed(name).path, entry, path) as WrittenPath | undefined;
}

interface On {
  readonly driver: AnyInputDriver;
  /** `gpio input header` */
  readonly name: string;
}

/** The driver of each input, by input id. */
function driversOf(value: unknown): ReadonlyMap<string, On> {
  const known = entriesOf(value, 'inputs').flatMap((entry) => {
    const id = textOrEmpty(field(entry, 'id'));
    const driver = field(entry, 'driver');
    return isInputDriverName(driver)
      ? [[id, { driver: inputDriverNamed(driver), name: `${driver} input ${named(id, '')}`.trimEnd() }] as const]
      : [];
  });
  return new Map(known);
}

function readDevice(
  reader: SchemaReader,
  entry: unknown,
  path: YamlPath,
  on: On | undefined,
): WrittenDevice | undefined {
  if (on === undefined) {
    reader.read(unknownDevice, entry, path);
    return undefined;
  }
  const who = `${named(field(entry, 'id'), 'the device')} is on ${on.name}`;
  const resolved = on.driver.resolve?.(entry) ?? entry;
  return reader.read(on.driver.device, resolved, path, { who, fields: OWN_FIELD_NAMES });
}

/** `undefined` without a mistake: the checks report what is wrong with the input it names. */
function readOutput(
  reader: SchemaReader,
  entry: unknown,
  path: YamlPath,
  on: On | undefined,
): WrittenOutput | undefined {
  if (on?.driver.output !== undefined) return reader.read(on.driver.output, entry, path);
  reader.read(unknownOutput, entry, path);
  return undefined;
}

function entriesOf(value: unknown, section: 'inputs' | 'devices' | 'outputs' | 'paths'): readonly unknown[] {
  const entries = field(value, section);
  return Array.isArray(entries) ? entries : [];
}

/** A text that is no sound name may be anything, even a key: it is not quoted. */
function named(id: unknown, otherwise: string): string {
  return typeof id !== 'object' && ID_PATTERN.test(String(id)) ? String(id) : otherwise;
}

function field(value: unknown, name: string): unknown {
  return isMapping(value) ? value[name] : undefined;
}

function isWhole<T>(entries: readonly (T | undefined)[]): entries is readonly T[] {
  return !entries.includes(undefined);
}

/** `name:` without a value is the same as no such line. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isMapping(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutEmpty(inner)]));
}
