import { readFileSync } from 'node:fs';

/**
 * The fonts' directory, as seen from the source, and from the joined code in gateway/cli/ with the
 * fonts beside it or in the package.
 */
const PLACES = ['./fonts/', '../print/fonts/', '../../../gateway/print/fonts/'];

export type Weight = 'regular' | 'bold';

/**
 * Noto Sans: Latin with all its accents, Greek, Cyrillic and Devanagari. PDF's own fonts have
 * Latin-1 only (ISO 32000-1 §9.6.2.2).
 */
const FILES: Readonly<Record<Weight, string>> = { regular: 'NotoSans-Regular.ttf', bold: 'NotoSans-Bold.ttf' };

export function fontFile(weight: Weight): Buffer {
  const tried: unknown[] = [];
  for (const place of PLACES) {
    try {
      return readFileSync(new URL(`${place}${FILES[weight]}`, import.meta.url));
    } catch (error) {
      tried.push(error);
    }
  }
  throw new AggregateError(tried, `the font ${FILES[weight]} is missing from this installation`);
}
