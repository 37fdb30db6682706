import { cleanText } from '../text.ts';

/**
 * Returns text that a pager can show: printable ASCII without accents. White space becomes one
 * blank, and a run of letters without a Latin likeness becomes one `-`.
 */
export function pagerText(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[^ -~]+/gu, (run) => cleanText(run))
    .trim();
}

/** Shortens a text to `most` characters. "..." at the end marks a cut. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 3)).trimEnd()}...`;
}

/** The mark at the end of a page, by which a reader recognizes a repeated page. */
export function pageMark(sequence: number): string {
  return ` #${sequence}`;
}

/** Longest mark: sequence numbers are 1…9999. */
export const MARK_CHARACTERS = 6;

/** Returns the number at the end of a page. */
export function markIn(text: string): number | undefined {
  const digits = / #(\d{1,4})$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
