import { cleanText } from '../text.ts';

/**
 * The report's id at the end of a text. A receiver's desk uses it to tell a repeat from a new
 * alert.
 */
export function idMark(id: string): string {
  return `(${id.replace(/[^A-Za-z0-9._-]/g, '-')})`;
}

/**
 * Cleans a text and shortens it so that it ends with the whole of `tail` within `maximum`
 * characters. The tail itself is never cut.
 */
export function textEndingWith(text: string, tail: string, maximum: number): string {
  const room = maximum - tail.length - 1;
  const clean = cleanText(text);
  if (clean === '' || room <= 3) return tail;
  return `${clean.length <= room ? clean : `${clean.slice(0, room - 3).trimEnd()}...`} ${tail}`;
}

/** Returns the id at the end of a text. */
export function idInText(text: string): string | undefined {
  return /\(([A-Za-z0-9._-]+)\)$/.exec(text)?.[1];
}
