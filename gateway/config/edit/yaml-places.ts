import {
  type CST,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { YamlPath } from '../read/yaml-source.ts';

/** A file as nodes that know their places in the text. */
export class YamlPlaces {
  readonly text: string;
  readonly eol: string;
  readonly root: Node | null;

  constructor(text: string) {
    this.text = text;
    this.eol = /\r?\n/.exec(text)?.[0] ?? '\n';
    this.root = parseDocument(text, { keepSourceTokens: true, prettyErrors: false, uniqueKeys: false }).contents;
  }

  /** The node at a path; `undefined` if there is none, or a name without a value. */
  at(path: YamlPath): Node | undefined {
    let node: Node | null = this.root;
    for (const step of path) {
      if (isSeq(node)) node = asNode(node.items[Number(step)]);
      else if (isMap(node)) node = asNode(pairOf(node, String(step))?.value);
      else return undefined;
      if (node === null) return undefined;
    }
    return node ?? undefined;
  }

  /** Where the node's own text ends, without comments and blank lines behind it. */
  contentEnd(node: Node): number {
    if (isSeq(node) && node.flow !== true) {
      const last = asNode(node.items.at(-1));
      return last === null ? startOf(node) : Math.max(startOf(node), this.contentEnd(last));
    }
    if (isMap(node) && node.flow !== true) {
      const last = node.items.at(-1);
      return last === undefined ? startOf(node) : this.pairEnd(last);
    }
    const end = node.range?.[1] ?? startOf(node);
    // The text of a block scalar includes its last line end.
    return startOf(node) + this.text.slice(startOf(node), end).trimEnd().length;
  }

  pairEnd(pair: Pair): number {
    const keyEnd = endOfKey(pair);
    const colon = this.text.indexOf(':', keyEnd) + 1;
    const value = asNode(pair.value);
    return value === null ? colon : Math.max(colon, this.contentEnd(value));
  }

  /** The start of the line that `offset` is in. */
  lineStart(offset: number): number {
    return this.text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** The end of the line that `offset` is in, before its line end. */
  lineEnd(offset: number): number {
    const at = this.text.indexOf('\n', offset);
    if (at < 0) return this.text.length;
    return this.text[at - 1] === '\r' && at > offset ? at - 1 : at;
  }

  /**
   * The end of an entry that begins in `column`: of its last line, with the lines of comments below
   * it that are indented further.
   */
  entryEnd(contentEnd: number, column: number): number {
    let end = this.lineEnd(contentEnd);
    for (;;) {
      const next = this.#nextLine(end);
      if (next === undefined) return end;
      const line = this.text.slice(next, this.lineEnd(next));
      if (!line.trimStart().startsWith('#') || line.search(/\S/) <= column) return end;
      end = this.lineEnd(next);
    }
  }

  column(offset: number): number {
    return offset - this.lineStart(offset);
  }

  /** True if nothing but spaces stands before it in its line. */
  isFirstInLine(offset: number): boolean {
    return this.text.slice(this.lineStart(offset), offset).trim() === '';
  }

  /** The line end before the line of `offset`, so that a cut from there takes whole lines. */
  beforeLine(offset: number): number {
    const start = this.lineStart(offset);
    if (start === 0) return 0;
    return this.text[start - 2] === '\r' ? start - 2 : start - 1;
  }

  #nextLine(lineEnd: number): number | undefined {
    const at = this.text.indexOf('\n', lineEnd);
    return at < 0 || at + 1 >= this.text.length ? undefined : at + 1;
  }
}

export function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

export function keyStart(pair: Pair): number {
  return isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
}

export function endOfKey(pair: Pair): number {
  return isScalar(pair.key) ? (pair.key.range?.[1] ?? 0) : 0;
}

export function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && (key.source ?? String(key.value)) === name);
}

/** Where the dash of an item of a block list stands. */
export function dashOf(list: YAMLSeq, index: number): number | undefined {
  const token = list.srcToken as CST.BlockSequence | undefined;
  // Comments before the first dash are an item of their own in the tokens.
  const dashes = token?.items.flatMap(({ start }) => start.filter(({ type }) => type === 'seq-item-ind'));
  return dashes?.[index]?.offset;
}

function asNode(value: unknown): Node | null {
  return isScalar(value) || isMap(value) || isSeq(value) ? value : null;
}
