import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brokenLines, type Measure, spelled } from '../../../gateway/print/pdf-text.ts';

/** A font of one width that has printable ASCII, é and Ł. */
const FONT: Measure = {
  width: (text) => [...text].length,
  has: (codePoint) => (codePoint >= 32 && codePoint < 127) || 'éŁ'.includes(String.fromCodePoint(codePoint)),
};

describe('lines', () => {
  test('break between words, and keep the breaks of the text', () => {
    expect(brokenLines('one two three', 7, FONT)).toEqual(['one two', 'three']);
    expect(brokenLines('one\ntwo', 7, FONT)).toEqual(['one', 'two']);
  });

  test('a word that is wider than a line breaks between characters, with its accents', () => {
    expect(brokenLines('abcdefgh', 3, FONT)).toEqual(['abc', 'def', 'gh']);
    expect(brokenLines('aé̂b', 2, { ...FONT, width: (text) => text.length })).toEqual(['a', 'é̂', 'b']);
  });

  test('hold the whole text, and none is too wide', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'Ł', ' ', '\n') });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 12 }), (said, width) => {
        const lines = brokenLines(said, width, FONT);
        expect(lines.join('').replace(/ /g, '')).toBe(said.replace(/[ \n]/g, ''));
        for (const line of lines) expect(FONT.width(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('a text', () => {
  test('whose letters the font has stays as it is', () => {
    expect(spelled('Łé', FONT, () => 'never')).toBe('Łé');
  });

  test('with another letter is spelled in Latin as a whole', () => {
    expect(spelled('Химия', FONT, () => 'Khimiya')).toBe('Khimiya');
  });

  test('that even then has no letters is marked, and never empty', () => {
    expect(spelled('☃ x', FONT, (text) => text)).toBe('? x');
  });

  test('has only what the font has, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (said) => {
        const shown = spelled(said, FONT, (text) => text);
        for (const character of shown) {
          expect(character === '\n' || FONT.has(character.codePointAt(0) ?? 0)).toBe(true);
        }
      }),
    );
  });
});
