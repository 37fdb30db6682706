import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { z } from 'zod';
import { CallpointError, messageOf } from '../../protocol/errors.ts';

/** @throws CallpointError CONFIG_UNREADABLE, CONFIG_INVALID naming the file */
export function readYaml<T>(file: string, shape: z.ZodType<T>, schema: 'core' | 'failsafe'): T {
  const text = reading(file, (path) => readFileSync(path, 'utf8'));
  const result = shape.safeParse(parseYaml(file, text, schema) ?? {});
  if (result.success) return result.data;
  throw invalid(file, z.prettifyError(result.error));
}

function parseYaml(file: string, text: string, schema: 'core' | 'failsafe'): unknown {
  // The message leaves out the excerpt, which would quote a key.
  const document = parseDocument(text, { prettyErrors: false, schema });
  const [error] = document.errors;
  if (error !== undefined) throw invalid(file, error.message);
  return plain(document.contents);
}

/**
 * Plain data as the gateway reads it: a number that does not read back as it is written stays text,
 * such as the account `0012` or `12E4`, and a name without a value is as if it were not there.
 */
function plain(node: unknown): unknown {
  if (isSeq(node)) return node.items.map(plain);
  if (isMap(node)) {
    const pairs = node.items.map(({ key, value }) => [textOf(key), plain(value)] as const);
    return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
  }
  if (!isScalar(node)) return undefined;
  const { value, source } = node;
  if (typeof value === 'number' && source !== undefined && String(value) !== source) return source;
  return value ?? undefined;
}

/** A name as it is written. */
function textOf(key: unknown): string {
  return isScalar(key) ? (key.source ?? String(key.value)) : String(key);
}

function invalid(file: string, what: string): CallpointError {
  return new CallpointError('CONFIG_INVALID', `${file}: ${what}\nRun "callpoint check" on it.`);
}

/** @throws CallpointError CONFIG_UNREADABLE naming the file */
export function reading<T>(file: string, read: (path: string) => T): T {
  try {
    return read(file);
  } catch (cause) {
    const isGone = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const why = isGone ? 'it does not exist; name the site file that is served' : messageOf(cause);
    throw new CallpointError('CONFIG_UNREADABLE', `${file} can't be read: ${why}`, { cause });
  }
}
