import * as z from 'zod';
import { textOrEmpty } from '../../../protocol/scalar.ts';
import { type Mistake, withoutKeys } from '../read/mistake.ts';
import { onlyNearest, suggest } from '../read/nearest.ts';
import { isMapping } from '../read/view.ts';
import type { YamlPath, YamlSource } from '../read/yaml-source.ts';

/** An entry whose fields depend on its driver. */
export interface OwnPlace {
  /** `pull-101 is on gpio input header`. */
  readonly who: string;
  /** Fields that only some drivers have. */
  readonly fields: ReadonlySet<string>;
}

/** Turns zod's issues into words for a person. */
export class SchemaMistakes {
  readonly #source: YamlSource;
  readonly #mistakes: Mistake[];
  /** The schemas as JSON Schema. Each takes some milliseconds to make. */
  readonly #inWords = new Map<z.ZodType, unknown>();

  constructor(source: YamlSource, mistakes: Mistake[]) {
    this.#source = source;
    this.#mistakes = mistakes;
  }

  /**
   * @param base the place in the file that `schema` describes
   * @returns path of the wrong value; `undefined` if it is a name
   */
  add(issue: z.core.$ZodIssue, base: YamlPath, schema: z.ZodType, own?: OwnPlace): YamlPath | undefined {
    const inner = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    const path = [...base, ...inner];
    if (issue.code === 'unrecognized_keys')
      this.#unknownKeys(path, issue.keys, knownKeys(this.#words(schema), inner), own);
    else if (issue.code === 'invalid_key') this.#badKey(path, issue.issues[0]?.message ?? 'a plain name');
    else {
      this.#badValue(path, issue, own);
      return path;
    }
    return undefined;
  }

  #words(schema: z.ZodType): unknown {
    const words = this.#inWords.get(schema) ?? z.toJSONSchema(schema, { io: 'input' });
    this.#inWords.set(schema, words);
    return words;
  }

  #unknownKeys(path: YamlPath, keys: readonly string[], known: readonly string[], own: OwnPlace | undefined): void {
    for (const key of keys) {
      const at = this.#source.locateKey([...path, key]);
      const elsewhere = own?.fields.has(key) === true;
      const message = elsewhere ? `${quoted(key)} means nothing here: ${own.who}` : `${quoted(key)} is not known here`;
      const hint = /^(pass(word|wd)?|secret|key|psk|token)$/i.test(key)
        ? 'keys and passwords stand in keys.yaml, never here; remove it'
        : elsewhere
          ? 'remove it'
          : suggest(key, known, 'remove it');
      this.#add(at, message, hint);
    }
  }

  #badKey(path: YamlPath, what: string): void {
    const at = this.#source.locateKey(path);
    this.#add(at, `the name ${quoted(String(path.at(-1) ?? ''))} can't be used`, `write ${what}`);
  }

  #badValue(path: YamlPath, issue: z.core.$ZodIssue, own: OwnPlace | undefined): void {
    const value = valueAt(this.#source.value, path);
    const name = nameOf(path);
    const at = this.#source.locate(path);
    if (path.length === 0 && (value === undefined || value === null)) {
      this.#add(at, 'the file is empty', 'callpoint init DIR writes a file to begin with');
    } else if (value === undefined || value === null) {
      const why = own?.fields.has(name) === true ? `: ${own.who}` : '';
      this.#add(at, `${name} is missing${why}`, `write ${name}: followed by ${issue.message}`);
    } else {
      const choices = issue.code === 'invalid_value' ? issue.values.map(String) : [];
      const near = typeof value === 'string' ? onlyNearest(value, choices) : undefined;
      const hint = near === undefined ? `write ${issue.message}` : `did you mean ${near}?`;
      // A mistake about a flag or list never quotes text: it may be a key that belongs in the other
      // file.
      const echo = issue.code !== 'invalid_type' || typeof value === 'number' || textOrEmpty(value).length <= 5;
      this.#add(at, `${name} is ${echo ? shown(value) : sort(value)}`, hint);
    }
  }

  #add(at: { line: number; column: number }, message: string, hint: string): void {
    this.#mistakes.push({ severity: 'error', file: this.#source.file, ...at, message: withoutKeys(message), hint });
  }
}

function nameOf(path: YamlPath): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  return typeof last === 'string' ? last : `entry ${last + 1} of ${String(path.at(-2) ?? 'the list')}`;
}

/**
 * The value as a person wrote it, short. A text that could be a key or a password is only
 * described.
 */
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

/** Shows nothing, or acts on a terminal: JSON escapes only the first 32 of them. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0\uFFFE\uFFFF]/gu;

/**
 * On one line, with control and other invisible characters escaped: a file cannot write to the
 * terminal, and a person sees what is in it.
 */
function quoted(text: string): string {
  const json = JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
  return json.replace(INVISIBLE, escaped);
}

function escaped(character: string): string {
  const units = character.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
  return units.map((unit) => `\\u${unit}`).join('');
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

/**
 * The names that the schema allows at a path, read from the JSON Schema, which needs none of zod's
 * internals.
 */
function knownKeys(schema: unknown, path: YamlPath): string[] {
  let schemas = [schema];
  for (const step of path) {
    schemas = schemas.flatMap(alternatives).map(({ properties, items, additionalProperties }) => {
      if (typeof step === 'number') return items;
      return isMapping(properties) && Object.hasOwn(properties, step) ? properties[step] : additionalProperties;
    });
  }
  const names = schemas.flatMap(alternatives).flatMap(({ properties, propertyNames }) => {
    if (isMapping(properties)) return Object.keys(properties);
    const { enum: choices } = isMapping(propertyNames) ? propertyNames : {};
    return Array.isArray(choices) ? choices.map(String) : [];
  });
  return [...new Set(names)];
}

function alternatives(schema: unknown): Readonly<Record<string, unknown>>[] {
  if (!isMapping(schema)) return [];
  const { anyOf, oneOf } = schema;
  const either = Array.isArray(anyOf) ? anyOf : oneOf;
  return Array.isArray(either) ? either.flatMap(alternatives) : [schema];
}
