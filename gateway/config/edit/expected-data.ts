import { isMapping } from '../read/view.ts';
import type { YamlPath } from '../read/yaml-source.ts';
import type { Writable } from './yaml-text.ts';

/** A change of plain data. Paths are those of the data as they were. */
export type Change =
  | { readonly kind: 'set'; readonly path: YamlPath; readonly value: Writable }
  | { readonly kind: 'append'; readonly path: YamlPath; readonly items: readonly Writable[] }
  | { readonly kind: 'remove'; readonly path: YamlPath }
  | { readonly kind: 'rename'; readonly path: YamlPath; readonly name: string };

interface Holder {
  data?: unknown;
  [step: string | number]: unknown;
}

const GONE = Symbol('gone');
/** What changes names or places comes last, so that all paths still lead to what they mean. */
const ORDER: readonly Change['kind'][] = ['set', 'append', 'remove', 'rename'];

/** The data after the changes. */
export function changedData(data: unknown, changes: readonly Change[]): unknown {
  const root: Holder = { data: structuredClone(data) };
  for (const kind of ORDER) for (const change of changes) if (change.kind === kind) apply(root, change);
  return withoutEmpty(root.data);
}

/**
 * A list without items, a mapping without names and a name without a value mean the same in a
 * site's files: nothing is there.
 */
export function withoutEmpty(value: unknown): unknown {
  if (value === null || value === '' || value === GONE) return undefined;
  if (Array.isArray(value)) {
    const items = value.map(withoutEmpty).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (!isMapping(value)) return value;
  const pairs = Object.entries(value).map(([name, inner]) => [name, withoutEmpty(inner)] as const);
  const kept = pairs.filter(([, inner]) => inner !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function apply(root: Holder, change: Change): void {
  const path = ['data', ...change.path];
  const step = path.at(-1) ?? 'data';
  const holder = holderOf(root, path.slice(0, -1));
  if (change.kind === 'set') holder[step] = structuredClone(change.value);
  else if (change.kind === 'append') {
    const list: unknown = holder[step];
    holder[step] = [...(Array.isArray(list) ? (list as unknown[]) : []), ...change.items];
  } else if (change.kind === 'remove') holder[step] = GONE;
  else {
    const value = holder[step];
    delete holder[step];
    holder[change.name] = value;
  }
}

function holderOf(root: Holder, path: YamlPath): Holder {
  let holder = root;
  for (const step of path) {
    const next = holder[step];
    if (typeof next !== 'object' || next === null) holder[step] = {};
    holder = holder[step] as Holder;
  }
  return holder;
}
