import * as z from 'zod';
import { PLACE_PATTERN } from '../../../protocol/drill-scope.ts';

/**
 * A zod error for every way a field can be wrong: what to write instead. `schema-mistakes.ts` adds
 * what was written.
 */
interface Expected {
  readonly error: () => string;
}

export function expected(what: string): Expected {
  return { error: () => what };
}

/** Text that may be written without quotes even if it looks like a number (`number: 101`). */
export function text(pattern: RegExp, what: string, about: string) {
  const error = expected(what);
  return z
    .union([z.string(), z.number()], error)
    .transform(String)
    .pipe(z.string().regex(pattern, error))
    .meta({ description: about, pattern: pattern.source });
}

/**
 * Ids stand in MQTT topics, alert ids, file names and messages. A text that could be a key is
 * refused.
 */
export const ID_PATTERN = /^(?!.*[0-9a-f]{24})[a-z0-9][a-z0-9-]{0,31}$/;

export function id(about: string) {
  return text(ID_PATTERN, 'a name of a-z, 0-9 and -, at most 32 characters, such as wb-101', about);
}

/**
 * At least one letter, digit or sign that shows. Refused are control characters, separators of
 * lines, halves of a surrogate pair, what is no character, and the marks that override or isolate
 * the direction of writing: they would turn round the rest of the text around the name. Fillers of
 * Hangul and the empty Braille cell count as letters and signs, but show nothing.
 */
const NAME =
  /^(?=.*(?![\u115F\u1160\u3164\uFFA0\u2800])[\p{L}\p{N}\p{P}\p{S}])[^\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]{1,64}$/u;

/** A name for people, in the site's own language. */
export function label(about: string) {
  return text(NAME, 'a name of 1 to 64 characters that can be seen, such as "Main building"', about);
}

/** How a name is spelt on links that carry Latin letters only. */
export const latin = text(
  /^(?=.*[A-Za-z0-9])[ -~]{1,64}$/,
  'the name in Latin letters without accents, 1 to 64 characters, such as "Main building"',
  'The name in Latin letters, for links that carry no others (DC-09, TAP, SNPP, radio).',
).optional();

export function location(about: string) {
  return text(/^[^/\p{Cc}]+\/[^/\p{Cc}]+\/[^/\p{Cc}]+$/u, 'building/floor/room number, such as A/1/101', about);
}

/** Part of a location: `building/floor/room`. */
export function place(about: string) {
  return text(PLACE_PATTERN, 'letters, digits, space, dot, - and _, at most 32, such as "101"', about);
}

export function filePath(about: string) {
  return text(/^[^\p{Cc}]{1,4096}$/u, 'a file name; relative ones are taken from beside site.yaml', about);
}

export function whole(min: number, max: number, example: number, about: string, more = '') {
  const error = expected(`a whole number from ${min} to ${max} without quotes, such as ${example}${more}`);
  return z.int(error).min(min, error).max(max, error).describe(about);
}

export function number(min: number, max: number, example: number, about: string) {
  const error = expected(`a number from ${min} to ${max} without quotes, such as ${example}`);
  return z.number(error).min(min, error).max(max, error).describe(about);
}

export function flag(about: string) {
  return z.boolean(expected('true or false')).describe(about);
}

export function choice<const T extends readonly [string, ...string[]]>(values: T, about: string) {
  return z.enum(values, expected(`one of: ${values.join(', ')}`)).describe(about);
}

export function list<T extends z.ZodType>(item: T, example: string, about: string) {
  const error = expected(`a list: lines that begin with "- ", such as ${example}`);
  return z.array(item, error).describe(about);
}

/** A list with at least one entry. */
export function someOf<T extends z.ZodType>(item: T, what: string, about: string) {
  const error = expected(what);
  return z.array(item, error).min(1, error).describe(about);
}

export function mapping<T extends z.ZodRawShape>(shape: T, example: string) {
  return z.strictObject(shape, expected(`names with values, such as ${example}`));
}
