import {
  Composer,
  type CST,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  type YAMLMap,
} from 'yaml';
import type { Mistake } from './mistake.ts';
import { type FaultText, wordsOf } from './yaml-fault.ts';
import { causeInLines, otherIndentation } from './yaml-lines.ts';

export type YamlPath = readonly (string | number)[];

interface Position {
  readonly line: number;
  readonly column: number;
}

/** A YAML file as plain data, with the place of every value. */
export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  /** Place of the value; if it is missing, place of its parent. */
  locate(path: YamlPath): Position;
  /** Place of the key of the value that the path names. */
  locateKey(path: YamlPath): Position;
}

/**
 * `secret`: the text holds keys. Mistakes are then reported without a quotation, and every scalar
 * stays text (a key of digits only is not a number).
 */
interface YamlOptions {
  readonly secret: boolean;
}

/** Reads YAML. `undefined` if the syntax is so broken that nothing in it can be used. */
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
    const { root, faults } = compose(text, lines, options.secret);
    for (const { offset, message, hint } of firstFew(faults)) wrong(offset, message, hint);
    if (faults.length > 0) return undefined;
    let isWhole = true;
    const value = plain(root, 0, (node, message, hint) => {
      isWhole = false;
      wrong(node.range?.[0] ?? 0, message, hint);
    });
    // What is missing at these places would be reported as well.
    if (!isWhole) return undefined;
    const places = new Places(root);
    return {
      file,
      value,
      locate: (path) => position(places.offsetOf(path, false)),
      locateKey: (path) => position(places.offsetOf(path, true)),
    };
  } catch (error) {
    // Parser and readers recurse, so unbounded nesting would exhaust the stack.
    if (!(error instanceof TooDeep || error instanceof RangeError)) throw error;
    wrong(0, 'the file is nested too deeply to be read', 'write it as the starter file does (callpoint init)');
    return undefined;
  }
}

/** A site has seven levels. */
const DEPTH_MAX = 40;
/** In a file that is not YAML at all, this many places are reported one by one. */
const FAULTS_MAX = 20;

class TooDeep extends Error {}

interface Fault extends FaultText {
  readonly offset: number;
}

/** Parses any text into nodes, in bounded time. */
function compose(text: string, lines: LineCounter, secret: boolean): { root: Node | null; faults: readonly Fault[] } {
  // The library compares each name with all names before it, which takes minutes in a file of junk.
  // `twiceNamed` does not.
  const composer = new Composer({ prettyErrors: false, schema: secret ? 'failsafe' : 'core', uniqueKeys: false });
  const surplus: Fault[] = [];
  const tokens = withoutSurplus(parsed(text, lines), surplus);
  const [document, ...more] = [...composer.compose(tokens, true, text.length)];
  const errors = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
  if (errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) throw new TooDeep();
  const root = document?.contents ?? null;
  // The library reads on: what it finds later follows from the first fault.
  const [error] = errors.sort((a, b) => a.pos[0] - b.pos[0]);
  if (error !== undefined) {
    const [offset] = error.pos;
    return { root, faults: [causeInLines(text, offset) ?? { offset, ...wordsOf(error, secret) }] };
  }
  const spaces = otherIndentation(text);
  if (spaces !== undefined) return { root, faults: [spaces] };
  const documents = more.map(({ range }) => ({ offset: range[0], ...SECOND_DOCUMENT })).concat(surplus);
  return { root, faults: documents.length > 0 ? documents : twiceNamed(root) };
}

const SECOND_DOCUMENT = {
  message: 'the YAML is not well formed: a second document begins here, and would not be read',
  hint: 'remove the line `---`: one file holds one document',
};

/**
 * Like `Parser.parse`, but too many nested brackets end it before the library has built nodes for
 * them.
 */
function* parsed(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let open = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') open += 1;
    else if (lexeme === ']' || lexeme === '}') open = Math.max(0, open - 1);
    if (open > DEPTH_MAX) throw new TooDeep();
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}

/**
 * Each error costs the library its stack. In a file of errors, those beyond what a person would
 * read are only counted.
 */
function* withoutSurplus(tokens: Iterable<CST.Token>, surplus: Fault[]): Generator<CST.Token> {
  let kept = 0;
  for (const token of tokens) {
    if (token.type === 'error' || token.type === 'document') kept += 1;
    if (kept <= 2 * FAULTS_MAX) yield token;
    else if (token.type !== 'doc-end') surplus.push({ offset: token.offset, ...SECOND_DOCUMENT });
  }
}

/** The first ones, and how many more there are. */
function firstFew(faults: readonly Fault[]): readonly Fault[] {
  const next = faults[FAULTS_MAX];
  if (next === undefined) return faults;
  const message = `the YAML is not well formed in ${faults.length - FAULTS_MAX} more places, from here on`;
  const hint = 'mend the first ones and check again: these may come of them';
  return [...faults.slice(0, FAULTS_MAX), { offset: next.offset, message, hint }];
}

/** Names that stand twice in one mapping, with the place of the second. */
function twiceNamed(node: unknown, depth = 0): Fault[] {
  if (depth > DEPTH_MAX) throw new TooDeep();
  if (isSeq(node)) return node.items.flatMap((item) => twiceNamed(item, depth + 1));
  if (!isMap(node)) return [];
  const names = new Set<string>();
  const twice: Fault[] = [];
  for (const pair of node.items) {
    const name = keyOf(pair);
    if (name !== undefined && names.has(name)) {
      const message = 'the YAML is not well formed: a name stands twice in one mapping';
      twice.push({ offset: startOf(pair.key) ?? 0, message, hint: 'keep one of the two' });
    }
    if (name !== undefined) names.add(name);
    for (const fault of twiceNamed(pair.value, depth + 1)) twice.push(fault);
  }
  return twice;
}

type NodeFault = (node: Node, message: string, hint: string) => void;

/**
 * Plain data of a node. A number stays a number only if it reads back as written: an account of
 * `0012` or `12E4` stays text.
 */
function plain(node: unknown, depth: number, fault: NodeFault): unknown {
  if (depth > DEPTH_MAX) throw new TooDeep();
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

/**
 * Finds the place of the value that a path names. A mapping is searched once, however many mistakes
 * are in it.
 */
class Places {
  readonly #root: Node | null;
  readonly #pairs = new Map<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(root: Node | null) {
    this.#root = root;
  }

  /** Offset of a path's value (or key), as far down as the path exists. */
  offsetOf(path: YamlPath, ofKey: boolean): number {
    let node: unknown = this.#root;
    let offset = this.#root?.range?.[0] ?? 0;
    for (const [depth, step] of path.entries()) {
      const next = this.#child(node, step);
      if (next === undefined) return offset;
      const last = depth === path.length - 1;
      offset = (last && ofKey ? next.keyOffset : undefined) ?? startOf(next.value) ?? next.keyOffset ?? offset;
      node = next.value;
    }
    return offset;
  }

  #child(node: unknown, step: string | number): { value: unknown; keyOffset?: number } | undefined {
    if (isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      return item === undefined ? undefined : { value: item };
    }
    const pair = isMap(node) ? this.#pairsOf(node).get(String(step)) : undefined;
    if (pair === undefined) return undefined;
    const keyOffset = startOf(pair.key);
    return keyOffset === undefined ? { value: pair.value } : { value: pair.value, keyOffset };
  }

  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map);
    if (known !== undefined) return known;
    const pairs = new Map(map.items.flatMap((pair) => [[keyOf(pair) ?? '', pair] as const]));
    this.#pairs.set(map, pairs);
    return pairs;
  }
}

function startOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0];
  return undefined;
}
