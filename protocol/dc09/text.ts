import { cleanText } from '../text.ts';

/**
 * The report's id as it ends a text, so that a receiver's desk can tell a repeat from a new alert.
 */
export function idMark(id: string): string {
  return `(${id.replace(/[^A-Za-z0-9._-]/g, '-')})`;
}

/**
 * Cleaned text, shortened so that it ends with the whole of `tail` within `maximum` characters; the
 * tail itself is never cut.
 */
export function textEndingWith(text: string, tail: string, maximum: number): string {
  const room = maximum - tail.length - 1;
  const clean = cleanText(text);
  if (clean === '' || room <= 3) return tail;
  return `${clean.length <= room ? clean : `${clean.slice(0, room - 3).trimEnd()}...`} ${tail}`;
}

/** The id a text ends with. */
export function idInText(text: string): string | undefined {
  return /\(([A-Za-z0-9._-]+)\)$/.exec(text)?.[1];
}
