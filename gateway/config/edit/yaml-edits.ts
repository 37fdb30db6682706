import { isDeepStrictEqual } from 'node:util';
import { isCollection, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { CallpointError } from '../../../protocol/errors.ts';
import { parseYaml, type YamlPath } from '../read/yaml-source.ts';
import { type Change, changedData, withoutEmpty } from './expected-data.ts';
import { dashOf, endOfKey, keyStart, pairOf, startOf, YamlPlaces } from './yaml-places.ts';
import { flowText, itemLines, pairLines, type Style, scalarText, type Writable } from './yaml-text.ts';

/** A part of the text that is replaced. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Changes of one YAML file. Only the text of what changes is replaced; comments, order, quotes and
 * blank lines elsewhere stay as they are, byte for byte. Paths are those of the file as it was.
 */
export class YamlEdits {
  readonly #file: string;
  readonly #places: YamlPlaces;
  readonly #secret: boolean;
  readonly #splices: Splice[] = [];
  readonly #changes: Change[] = [];

  /** @param text the file has no mistakes in its YAML */
  constructor(file: string, text: string, secret = false) {
    this.#file = file;
    this.#places = new YamlPlaces(text);
    this.#secret = secret;
  }

  /** Adds items at the end of a list; a list that is not there is made. */
  append(path: YamlPath, items: readonly Writable[]): void {
    if (items.length === 0) return;
    const list = this.#places.at(path);
    if (isSeq(list) && list.items.length > 0) this.#appendTo(list, items);
    else if (list === undefined || isEmpty(list)) this.#beginList(path, list, items);
    else this.#refuse(path, 'is no list');
    this.#changes.push({ kind: 'append', path, items });
  }

  /** Removes an item of a list, or a name with its value. */
  remove(path: YamlPath): void {
    const parent = this.#places.at(path.slice(0, -1));
    const step = path.at(-1) ?? '';
    if (isSeq(parent)) this.#removeItem(parent, Number(step), path);
    else if (isMap(parent)) this.#removePair(parent, String(step), path);
    else this.#refuse(path, 'is not there');
    this.#changes.push({ kind: 'remove', path });
  }

  /** Writes a scalar in place of the one that is there, or a new name with any value. */
  set(path: YamlPath, value: Writable): void {
    const node = this.#places.at(path);
    if (node === undefined || (isScalar(node) && isEmpty(node))) this.#addPair(path, value);
    else if (isScalar(node) && typeof value !== 'object') {
      this.#replace(node, scalarText(value, styleOf(node.type)));
    } else if (typeof value === 'object' && isCollection(node) && node.flow === true)
      this.#replace(node, flowText(value));
    else this.#refuse(path, 'is written over several lines');
    this.#changes.push({ kind: 'set', path, value });
  }

  /** Writes names that are not there yet, in one section. */
  addNames(section: string, names: readonly (readonly [name: string, value: string])[]): void {
    const at = this.#places.at([section]);
    if (isMap(at) && at.items.length > 0) for (const [name, value] of names) this.set([section, name], value);
    else if (names.length > 0) this.#beginSection(section, at, names);
  }

  /** Gives a value another name. */
  rename(path: YamlPath, name: string): void {
    const parent = this.#places.at(path.slice(0, -1));
    const old = String(path.at(-1));
    const pair = isMap(parent) ? pairOf(parent, old) : undefined;
    if (pair === undefined || !isScalar(pair.key)) this.#refuse(path, 'is not there');
    this.#splice(keyStart(pair), endOfKey(pair), scalarText(name, styleOf(pair.key.type)));
    this.#changes.push({ kind: 'rename', path, name });
  }

  get splices(): readonly Splice[] {
    return inOrder(this.#splices);
  }

  /** @throws CallpointError EDIT_REFUSED if the text would say something else than was meant */
  text(): string {
    const { text } = this.#places;
    let at = 0;
    let result = '';
    for (const { start, end, text: written } of this.splices) {
      // Two entries that are cut side by side: the comma between them is cut once.
      if (start < at && written !== '') throw this.#uneditable();
      result += text.slice(at, Math.max(at, start)) + written;
      at = Math.max(at, end);
    }
    result += text.slice(at);
    const meant = changedData(this.#read(text), this.#changes);
    if (!isDeepStrictEqual(withoutEmpty(this.#read(result)), meant)) throw this.#uneditable();
    return result;
  }

  #read(text: string): unknown {
    const source = parseYaml(this.#file, text, { secret: this.#secret }, []);
    return source === undefined ? UNREADABLE : source.value;
  }

  #appendTo(list: YAMLSeq, items: readonly Writable[]): void {
    const last = list.items.at(-1) as Node;
    if (list.flow === true) {
      const end = this.#places.contentEnd(last);
      this.#splice(end, end, items.map((item) => `, ${flowText(item)}`).join(''));
      return;
    }
    const dash = dashOf(list, list.items.length - 1);
    if (dash === undefined || !this.#places.isFirstInLine(dash))
      this.#refuse([], 'has a list that is not line by line');
    const end = this.#places.entryEnd(Math.max(dash, this.#places.contentEnd(last)), this.#places.column(dash));
    const layout = isScalar(last) || (last as YAMLMap).flow === true ? 'flow' : 'block';
    this.#insertLines(
      end,
      items.flatMap((item) => itemLines(item, layout)),
      this.#places.column(dash),
    );
  }

  #beginList(path: YamlPath, list: Node | undefined, items: readonly Writable[]): void {
    const map = this.#places.at(path.slice(0, -1));
    const name = String(path.at(-1));
    const pair = isMap(map) ? pairOf(map, name) : undefined;
    if (pair === undefined || !isMap(map)) {
      this.#addPair(path, items);
      return;
    }
    if (map.flow === true) {
      const from = this.#places.text.indexOf(':', endOfKey(pair)) + 1;
      this.#splice(from, list === undefined ? from : this.#places.contentEnd(list), ` ${flowText(items)}`);
      return;
    }
    const lines = items.flatMap((item) => itemLines(item, 'fitting'));
    const colon = this.#places.text.indexOf(':', endOfKey(pair)) + 1;
    const isWritten = list !== undefined && !(isScalar(list) && (list.source ?? '') === '');
    // `[]`, `null` and `~` give way to the items.
    if (isWritten) this.#splice(colon, list.range?.[1] ?? colon, '');
    this.#insertLines(this.#places.lineEnd(this.#places.pairEnd(pair)), lines, this.#places.column(keyStart(pair)) + 2);
  }

  #addPair(path: YamlPath, value: Writable): void {
    const name = String(path.at(-1));
    const parent = path.slice(0, -1);
    const map = this.#places.at(parent);
    if (!isMap(map)) this.#refuse(parent, 'holds nothing yet');
    if (map.items.length === 0) this.#refuse(parent, 'holds nothing yet');
    const pair = pairOf(map, name);
    if (pair !== undefined) {
      const colon = this.#places.text.indexOf(':', endOfKey(pair)) + 1;
      this.#splice(colon, colon, ` ${flowText(value)}`);
      return;
    }
    const last = map.items.at(-1) as Pair;
    const end = this.#places.pairEnd(last);
    if (map.flow === true) {
      this.#splice(end, end, `, ${scalarText(name)}: ${flowText(value)}`);
      return;
    }
    const column = this.#places.column(startOf(map));
    this.#insertLines(this.#places.entryEnd(end, column), pairLines(name, value), column);
  }

  /** The first names under a section that is empty or not there. */
  #beginSection(section: string, at: Node | undefined, names: readonly (readonly [string, string])[]): void {
    const root = this.#places.at([]);
    const pair = isMap(root) ? pairOf(root, section) : undefined;
    const lines = names.flatMap(([name, value]) => pairLines(name, value));
    if (isMap(at)) this.#replace(at, flowText(Object.fromEntries(names)));
    else if (isMap(root) && root.flow === true) this.#beginInBrackets(root, section, Object.fromEntries(names));
    else if (pair !== undefined) this.#insertLines(this.#places.lineEnd(this.#places.pairEnd(pair)), lines, 2);
    else {
      const last = isMap(root) ? root.items.at(-1) : undefined;
      const { text, eol } = this.#places;
      const all = [`${section}:`, ...lines.map((line) => `  ${line}`)];
      if (last !== undefined) this.#insertLines(this.#places.entryEnd(this.#places.pairEnd(last), 0), all, 0);
      else {
        const before = text === '' || text.endsWith('\n') ? '' : eol;
        this.#splice(text.length, text.length, before + all.map((line) => line + eol).join(''));
      }
    }
    for (const [name, value] of names) this.#changes.push({ kind: 'set', path: [section, name], value });
  }

  #beginInBrackets(root: YAMLMap, section: string, value: Writable): void {
    const last = root.items.at(-1);
    if (last === undefined) this.#replace(root, flowText({ [section]: value }));
    else if (pairOf(root, section) !== undefined) this.#refuse([section], 'is empty');
    else {
      const end = this.#places.pairEnd(last);
      this.#splice(end, end, `, ${scalarText(section)}: ${flowText(value)}`);
    }
  }

  #removeItem(list: YAMLSeq, index: number, path: YamlPath): void {
    const item = list.items[index] as Node | undefined;
    if (item === undefined) this.#refuse(path, 'is not there');
    const nodes = list.items as Node[];
    if (list.flow === true) {
      this.#removeFlow(
        nodes.map((each) => ({ start: startOf(each), end: this.#places.contentEnd(each) })),
        index,
      );
      return;
    }
    const dash = dashOf(list, index);
    if (dash === undefined || !this.#places.isFirstInLine(dash)) this.#refuse(path, 'does not begin a line');
    this.#removeLines(dash, Math.max(dash, this.#places.contentEnd(item)));
  }

  #removePair(map: YAMLMap, name: string, path: YamlPath): void {
    const pair = pairOf(map, name);
    if (pair === undefined) this.#refuse(path, 'is not there');
    const index = map.items.indexOf(pair);
    if (map.flow === true) {
      this.#removeFlow(
        map.items.map((each) => ({ start: keyStart(each), end: this.#places.pairEnd(each) })),
        index,
      );
      return;
    }
    if (!this.#places.isFirstInLine(keyStart(pair))) this.#refuse(path, 'does not begin a line');
    this.#removeLines(keyStart(pair), this.#places.pairEnd(pair));
  }

  /** Cuts whole lines. Comments above them stay: they may be about what follows. */
  #removeLines(start: number, contentEnd: number): void {
    const end = this.#places.entryEnd(contentEnd, this.#places.column(start));
    const from = this.#places.beforeLine(start);
    if (from > 0 || this.#places.lineStart(start) > 0) this.#splice(from, end, '');
    else this.#splice(0, Math.min(this.#places.text.length, end + this.#places.eol.length), '');
  }

  #removeFlow(entries: readonly { readonly start: number; readonly end: number }[], index: number): void {
    const here = entries[index] ?? { start: 0, end: 0 };
    const before = entries[index - 1];
    const after = entries[index + 1];
    const comma = COMMA_BEHIND.exec(this.#places.text.slice(here.end))?.[0].length;
    if (after !== undefined) this.#splice(here.start, after.start, '');
    else if (before !== undefined && !this.#places.text.slice(before.end, here.start).includes('#'))
      this.#splice(before.end, here.end, '');
    // The comma before it stays, and the one behind it goes.
    else this.#splice(here.start, here.end + (comma ?? 0), '');
  }

  #replace(node: Node, text: string): void {
    this.#splice(startOf(node), this.#places.contentEnd(node), text);
  }

  #insertLines(at: number, lines: readonly string[], column: number): void {
    const { eol } = this.#places;
    this.#splice(at, at, lines.map((line) => `${eol}${' '.repeat(column)}${line}`).join(''));
  }

  #splice(start: number, end: number, text: string): void {
    this.#splices.push({ start, end, text });
  }

  #uneditable(): CallpointError {
    const what = `${this.#file} is written in a way that can't be edited here`;
    return new CallpointError('EDIT_REFUSED', `${what}: edit it by hand. Nothing was changed.`);
  }

  /** The form of the file does not allow the edit. */
  #refuse(path: YamlPath, why: string): never {
    const what = path.length === 0 ? this.#file : `${path.join('.')} in ${this.#file}`;
    const message = `${what} ${why}, and can't be edited here: edit it by hand. Nothing was changed.`;
    throw new CallpointError('EDIT_REFUSED', message);
  }
}

const UNREADABLE = Symbol('unreadable');
/** A comma behind the last entry in brackets. Comments and line ends may stand before it. */
const COMMA_BEHIND = /^(?:\s|(?<=\s)#[^\n]*\n)*,/;

function isEmpty(node: Node): boolean {
  if (isScalar(node)) return node.value === null || node.value === '';
  return (isSeq(node) || isMap(node)) && node.items.length === 0;
}

function styleOf(type: string | undefined): Style {
  if (type === 'QUOTE_DOUBLE') return 'double';
  return type === 'QUOTE_SINGLE' ? 'single' : 'plain';
}

/** Stable: insertions at one place stay in the order they were made. */
function inOrder(splices: readonly Splice[]): Splice[] {
  return [...splices].sort((a, b) => a.start - b.start || a.end - b.end);
}
