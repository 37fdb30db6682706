import { printable } from './printable.ts';

/** What must be known of a font to break lines and to spell names. */
export interface Measure {
  /** Points. */
  width(text: string): number;
  has(codePoint: number): boolean;
}

/** Breaks a text between words, and a word that is wider than a line between its characters. */
export function brokenLines(text: string, width: number, measure: Measure): string[] {
  return text.split('\n').flatMap((paragraph) => brokenParagraph(paragraph, width, measure));
}

function brokenParagraph(text: string, width: number, measure: Measure): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (measure.width(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = measure.width(word) <= width ? [word] : brokenWord(word, width, measure);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  return [...lines, line];
}

/** Whole characters as a person sees them: an accent stays with its letter. */
const CHARACTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });

function brokenWord(word: string, width: number, measure: Measure): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const { segment } of CHARACTERS.segment(word)) {
    if (piece !== '' && measure.width(piece + segment) > width) {
      pieces.push(piece);
      piece = '';
    }
    piece += segment;
  }
  return [...pieces, piece];
}

/**
 * The text in letters that the font has. A text with any other letter is spelled in Latin: a box
 * in place of a room's name helps nobody.
 *
 * @param spell writes a text in Latin letters
 */
export function spelled(text: string, measure: Measure, spell: (text: string) => string): string {
  const shown = printable(text).normalize('NFC');
  if (isInFont(shown, measure)) return shown;
  const latin = printable(spell(shown));
  return isInFont(latin, measure) ? latin : [...latin].map((each) => (isInFont(each, measure) ? each : '?')).join('');
}

function isInFont(text: string, measure: Measure): boolean {
  for (const character of text) {
    if (character !== '\n' && !measure.has(character.codePointAt(0) ?? 0)) return false;
  }
  return true;
}
