import type * as z from 'zod';
import { type JsonSchema, siteJsonSchema } from './json-schema.ts';
import type { Mistake } from './mistake.ts';
import { nearest, suggest } from './nearest.ts';
import type { SiteFile } from './site-schema.ts';
import { siteSchema } from './site-schema.ts';
import { isMapping, pathKey } from './view.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

export interface SchemaResult {
  /** Absent if the file does not fit. */
  readonly site?: SiteFile;
  /** Paths of the values already found wrong (`pathKey`). */
  readonly rejected: ReadonlySet<string>;
}

/** Holds the file against the schema and adds a mistake for everything in it that does not fit. */
export function applySchema(source: YamlSource, mistakes: Mistake[]): SchemaResult {
  const result = siteSchema.safeParse(withoutEmpty(source.value));
  const rejected = new Set<string>();
  if (result.success) return { site: result.data, rejected };
  const { issues } = result.error;
  // Made for unknown names only: it costs some milliseconds.
  const schema = issues.some(({ code }) => code === 'unrecognized_keys') ? siteJsonSchema() : {};
  for (const issue of issues) {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    if (issue.code === 'unrecognized_keys') unknownKeys(source, path, issue.keys, knownKeys(schema, path), mistakes);
    else if (issue.code === 'invalid_key') badKey(source, path, issue.issues[0]?.message ?? 'a plain name', mistakes);
    else {
      rejected.add(pathKey(path));
      badValue(source, path, issue, mistakes);
    }
  }
  return { rejected };
}

/** `name:` with nothing after it is the same as no such line. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isMapping(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutEmpty(inner)]));
}

function unknownKeys(
  source: YamlSource,
  path: YamlPath,
  keys: readonly string[],
  known: readonly string[],
  mistakes: Mistake[],
): void {
  for (const key of keys) {
    const at = source.locateKey([...path, key]);
    const hint = /^(pass(word|wd)?|secret|key|psk|token)$/i.test(key)
      ? 'keys and passwords stand in keys.yaml, never here; remove it'
      : suggest(key, known, 'remove it');
    mistakes.push({ severity: 'error', file: source.file, ...at, message: `${quoted(key)} is not known here`, hint });
  }
}

function badKey(source: YamlSource, path: YamlPath, what: string, mistakes: Mistake[]): void {
  const message = `the name ${quoted(String(path.at(-1) ?? ''))} can't be used`;
  mistakes.push({ severity: 'error', file: source.file, ...source.locateKey(path), message, hint: `write ${what}` });
}

function badValue(source: YamlSource, path: YamlPath, issue: z.core.$ZodIssue, mistakes: Mistake[]): void {
  const value = valueAt(source.value, path);
  const name = nameOf(path);
  const at = source.locate(path);
  if (value === undefined || value === null) {
    const hint =
      path.length === 0
        ? 'callpoint init DIR writes a file to begin with'
        : `write ${name}: followed by ${issue.message}`;
    const message = path.length === 0 ? 'the file is empty' : `${name} is missing`;
    mistakes.push({ severity: 'error', file: source.file, ...at, message, hint });
    return;
  }
  const choices = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const near = typeof value === 'string' ? nearest(value, choices) : undefined;
  const hint = near === undefined ? `write ${issue.message}` : `did you mean ${near}?`;
  // A flag or list never echoes text: what stands there may be a key meant for the other file.
  const echo = issue.code !== 'invalid_type' || typeof value === 'number' || String(value).length <= 5;
  const message = `${name} is ${echo ? shown(value) : sort(value)}`;
  mistakes.push({ severity: 'error', file: source.file, ...at, message, hint });
}

function nameOf(path: YamlPath): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  return typeof last === 'string' ? last : `entry ${last + 1} of ${String(path.at(-2) ?? 'the list')}`;
}

/** The value as a person wrote it, short; anything that could be a key or a password is only described. */
function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || /[0-9A-Fa-f]{24}|@/.test(value)) return sort(value);
  return value.length > 40 ? `${quoted(value.slice(0, 39))}…` : quoted(value);
}

function sort(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (isMapping(value)) return 'a mapping';
  return typeof value === 'string' ? 'text that does not fit' : String(typeof value);
}

/** On one line, with control characters escaped, so that a file can't write to the terminal. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}

function valueAt(root: unknown, path: YamlPath): unknown {
  let value = root;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isMapping(value) && Object.hasOwn(value, step)) value = value[String(step)];
    else return undefined;
  }
  return value;
}

/** Names the schema allows at a path, read from the JSON Schema, which says it without zod's internals. */
function knownKeys(root: JsonSchema, path: YamlPath): string[] {
  let schema: unknown = root;
  for (const step of path) {
    if (!isMapping(schema)) return [];
    const { properties, items, additionalProperties } = schema;
    if (typeof step === 'number') schema = items;
    else schema = isMapping(properties) && Object.hasOwn(properties, step) ? properties[step] : additionalProperties;
  }
  if (!isMapping(schema)) return [];
  const { properties } = schema;
  return isMapping(properties) ? Object.keys(properties) : [];
}
