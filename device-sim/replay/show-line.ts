import { visible } from './decode/visible.ts';
import type { ShownLine } from './show.ts';

const ID_COLUMNS_MAX = 14;
const TIME_COLUMNS = 9;

/** The line for a person: seconds, the wire, and what passed. */
export function shownText({ ms, wire, text }: ShownLine): string {
  const time = (ms / 1000).toFixed(3).padStart(TIME_COLUMNS);
  const id = visible(wire?.id ?? '-')
    .slice(0, ID_COLUMNS_MAX)
    .padEnd(8);
  return `${time} ${id} ${text}`;
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
