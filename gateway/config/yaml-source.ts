import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { Mistake } from './mistake.ts';

export type YamlPath = readonly (string | number)[];

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A YAML file as plain data, with the place of every value. */
export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  /** Place of the value; of what would hold it, if it is missing. */
  locate(path: YamlPath): Position;
  /** Place of the key whose value the path names. */
  locateKey(path: YamlPath): Position;
}

/**
 * `secret`: the text holds keys, so what is wrong is told without quoting any of it, and every scalar stays the text it was
 * written as (a key of digits only is not a number).
 */
export interface YamlOptions {
  readonly secret: boolean;
}

/** Reads YAML; `undefined` if the syntax is so wrong that nothing in it can be relied on. */
export function parseYaml(
  file: string,
  text: string,
  options: YamlOptions,
  mistakes: Mistake[],
): YamlSource | undefined {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const wrong = (offset: number, message: string, hint: string): void => {
    mistakes.push({ severity: 'error', file, ...position(offset), message, hint });
  };
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      schema: options.secret ? 'failsafe' : 'core',
      logLevel: 'silent',
    });
    const faults = [...document.errors, ...document.warnings];
    if (faults.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) throw new TooDeep();
    for (const fault of faults) wrong(fault.pos[0], syntaxMessage(fault, options.secret), syntaxHint(fault));
    if (faults.length > 0) return undefined;
    const root = document.contents;
    const value = plain(root, 0, (node, message, hint) => wrong(node.range?.[0] ?? 0, message, hint));
    return {
      file,
      value,
      locate: (path) => position(offsetOf(root, path, false)),
      locateKey: (path) => position(offsetOf(root, path, true)),
    };
  } catch (error) {
    // Parser and readers recurse, so unbounded nesting would exhaust the stack somewhere.
    if (!(error instanceof TooDeep || error instanceof RangeError)) throw error;
    wrong(0, 'the file is nested too deeply to be read', 'write it as the starter file does (callpoint init)');
    return undefined;
  }
}

/** A site has seven levels. */
const MAX_DEPTH = 40;

class TooDeep extends Error {}

type NodeFault = (node: Node, message: string, hint: string) => void;

/** Plain data of a node. Numbers stay numbers only if they read back as written: an account of `0012` or `12E4` stays text. */
function plain(node: unknown, depth: number, fault: NodeFault): unknown {
  if (depth > MAX_DEPTH) throw new TooDeep();
  if (isScalar(node)) return plainScalar(node.value, node.source);
  if (isSeq(node)) return node.items.map((item) => plain(item, depth + 1, fault));
  if (isMap(node)) return Object.fromEntries(node.items.flatMap((pair) => plainPair(pair, depth + 1, fault)));
  if (isAlias(node)) fault(node, 'aliases (*name) are not read', 'write the value out at this place');
  return null;
}

function plainPair(pair: Pair, depth: number, fault: NodeFault): [string, unknown][] {
  const key = keyOf(pair);
  if (key !== undefined) return [[key, plain(pair.value, depth, fault)]];
  if (isScalar(pair.key) || isSeq(pair.key) || isMap(pair.key) || isAlias(pair.key)) {
    fault(pair.key, 'a key must be plain text', 'write `name: value`');
  }
  return [];
}

function keyOf(pair: Pair): string | undefined {
  if (!isScalar(pair.key)) return undefined;
  if (typeof pair.key.value === 'string') return pair.key.value;
  return pair.key.source === undefined || pair.key.source === '' ? undefined : pair.key.source;
}

function plainScalar(value: unknown, source: string | undefined): unknown {
  if (typeof value === 'number') return source === undefined || String(value) === source ? value : source;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  return source ?? null;
}

/** Offset of a path's value (or key); as far down as the path can be followed. */
function offsetOf(root: Node | null, path: YamlPath, ofKey: boolean): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const [depth, step] of path.entries()) {
    const next = child(node, step);
    if (next === undefined) return offset;
    const last = depth === path.length - 1;
    offset = (last && ofKey ? next.keyOffset : undefined) ?? startOf(next.value) ?? next.keyOffset ?? offset;
    node = next.value;
  }
  return offset;
}

function child(node: unknown, step: string | number): { value: unknown; keyOffset?: number } | undefined {
  if (isSeq(node)) {
    const item: unknown = node.items[Number(step)];
    return item === undefined ? undefined : { value: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => keyOf(item) === String(step));
  if (pair === undefined) return undefined;
  const keyOffset = startOf(pair.key);
  return keyOffset === undefined ? { value: pair.value } : { value: pair.value, keyOffset };
}

function startOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0];
  return undefined;
}

/** The library's own words quote the text, so they are kept from files with secrets. */
function syntaxMessage(fault: YAMLError, secret: boolean): string {
  if (secret) return `the YAML is not well formed here (${fault.code.toLowerCase().replaceAll('_', ' ')})`;
  return `the YAML is not well formed: ${quiet(fault.message)}`;
}

/** One line, short, and without the text the library quotes: it could be a key pasted into the wrong file. */
function quiet(message: string): string {
  const line = message
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/:? "(?:[^"\\]|\\.)*"/g, '')
    .replaceAll(/[0-9A-Fa-f]{24,}/g, '…');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

function syntaxHint(fault: YAMLError): string {
  switch (fault.code) {
    case 'DUPLICATE_KEY':
      return 'this name stands twice in one mapping; keep one of the two';
    case 'TAB_AS_INDENT':
      return 'indent with spaces, never with tabs';
    case 'BAD_INDENT':
      return 'line the names of one mapping up in one column';
    case 'BAD_SCALAR_START':
    case 'MISSING_CHAR':
      return 'put the text in "double quotes", and close every quote and bracket';
    case 'MULTIPLE_DOCS':
      return 'remove the line `---`: one file holds one document';
    case 'TAG_RESOLVE_FAILED':
      return 'remove the `!tag`, or put the text in "double quotes"';
    default:
      return 'write `name: value` lines, indented by two spaces, texts with punctuation in "double quotes"';
  }
}
