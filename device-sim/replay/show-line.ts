import { visible } from './decode/visible.ts';
import type { ShownLine } from './show.ts';

const ID_COLUMNS_MAX = 14;
const INDENT = 10;
/** A terminal as narrow as a telephone's has a line's content below its head. */
const CONTENT_COLUMNS_MIN = 20;

/** The line for a person, no wider than the terminal. */
export function shownText({ ms, wire, text }: ShownLine, width: number): string {
  const time = (ms / 1000).toFixed(3).padStart(INDENT - 1);
  const id = visible(wire?.id ?? '-')
    .slice(0, ID_COLUMNS_MAX)
    .padEnd(8);
  return wrapped(`${time} ${id} ${text}`, width).join('\n');
}

/** One JSON object. */
export function shownJson({ ms, wire, fields }: ShownLine): string {
  const at = wire === undefined ? {} : { [wire.side]: wire.id };
  // JSON escapes the first 32 control characters itself, not those that turn the direction.
  return JSON.stringify({ ms, ...at, ...fields }).replace(
    /[\u007f-\u009f\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Breaks at spaces, and within a word that is longer than a line. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  let indent = '';
  while (indent.length + rest.length > width) {
    const room = Math.max(CONTENT_COLUMNS_MIN, width - indent.length);
    const space = rest.lastIndexOf(' ', room);
    const at = space > room / 2 ? space : room;
    lines.push(`${indent}${rest.slice(0, at)}`.trimEnd());
    rest = rest.slice(at).trimStart();
    indent = ' '.repeat(width - INDENT >= CONTENT_COLUMNS_MIN ? INDENT : 2);
    if (rest === '') break;
    if (room === CONTENT_COLUMNS_MIN && indent.length + rest.length <= room) break;
  }
  if (rest !== '') lines.push(`${indent}${rest}`);
  return lines;
}
