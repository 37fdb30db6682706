/** Plain data that can stand in a file of ours. */
export type Writable = string | number | boolean | readonly Writable[] | { readonly [name: string]: Writable };

export type Style = 'plain' | 'double' | 'single';

/** A mapping that is longer in one line is written over several. */
const ON_ONE_LINE = 90;
const INDENT = '  ';
/** YAML 1.1 readers, and people, take these for something else than text. */
const RESERVED = /^(?:null|true|false|yes|no|on|off|y|n|nan|inf)$/i;
/** Needs no quotes wherever it stands, in brackets too. */
const PLAIN = /^\p{L}(?:[\p{L}\p{N} _./-]*[\p{L}\p{N}])?$/u;
const HEX_KEY = /^[0-9a-f]{32,64}$/;

/**
 * A scalar, in quotes where it needs them.
 *
 * @param style as the value before it was written
 */
export function scalarText(value: string | number | boolean, style: Style = 'plain'): string {
  if (typeof value !== 'string') return String(value);
  if (style === 'single' && !/[\p{C}\n]/u.test(value)) return `'${value.replaceAll("'", "''")}'`;
  const isPlain = style !== 'double' && ((PLAIN.test(value) && !RESERVED.test(value)) || HEX_KEY.test(value));
  return isPlain ? value : JSON.stringify(value);
}

/** `{ id: button-1, zone: 101 }` */
export function flowText(value: Writable): string {
  if (typeof value !== 'object') return scalarText(value);
  if (isList(value)) return `[${value.map(flowText).join(', ')}]`;
  const pairs = Object.entries(value).map(([name, inner]) => `${scalarText(name)}: ${flowText(inner)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

/** An item of a list, without the indentation that its list has. */
export function itemLines(value: Writable, layout: 'flow' | 'block' | 'fitting'): string[] {
  const flow = `- ${flowText(value)}`;
  if (typeof value !== 'object' || isList(value) || layout === 'flow') return [flow];
  if (layout === 'fitting' && flow.length <= ON_ONE_LINE) return [flow];
  return Object.entries(value)
    .flatMap(([name, inner]) => pairLines(name, inner))
    .map((line, at) => `${at === 0 ? '- ' : INDENT}${line}`);
}

/** A name with its value. */
export function pairLines(name: string, value: Writable): string[] {
  if (typeof value === 'object' && isList(value) && value.some((item) => typeof item === 'object')) {
    const items = value.flatMap((item) => itemLines(item, 'fitting'));
    return [`${scalarText(name)}:`, ...items.map((line) => `${INDENT}${line}`)];
  }
  return [`${scalarText(name)}: ${flowText(value)}`];
}

function isList(value: Writable): value is readonly Writable[] {
  return Array.isArray(value);
}
