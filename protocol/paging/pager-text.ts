import { cleanText } from '../text.ts';

/**
 * What a pager shows: printable ASCII, accents dropped, white space one blank, one `-` for a run of
 * letters that have no Latin likeness.
 */
export function pagerText(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[^ -~]+/gu, (run) => cleanText(run))
    .trim();
}

/** At most `most` characters, ending with "..." where something was cut off. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 3)).trimEnd()}...`;
}

/** Ends a page, so that whoever gets it twice can see that it is the same one. */
export function pageMark(sequence: number): string {
  return ` #${sequence}`;
}

/** Longest mark: sequence numbers are 1…9999. */
export const MARK_CHARACTERS = 6;

/** The number a page ends with. */
export function markIn(text: string): number | undefined {
  const digits = / #(\d{1,4})$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
