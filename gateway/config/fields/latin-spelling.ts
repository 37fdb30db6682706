import anyAscii from 'any-ascii';
import { cleanText, losesLetters } from '../../../protocol/text.ts';

const CHARACTERS_MAX = 64;

/**
 * A name as links that carry Latin letters only are to have it; `undefined`: they show it as it is,
 * but for accents.
 *
 * @param latin the spelling the site wrote; without one each letter is transliterated (AnyAscii)
 * @param otherwise where nothing of the name has a likeness
 */
export function latinSpelling(name: string, latin: string | undefined, otherwise: string): string | undefined {
  // An accent that stands alone, such as ¨, shows and yet leaves nothing.
  if (!losesLetters(name) && cleanText(name) !== '') return undefined;
  if (latin !== undefined) return latin;
  // AnyAscii writes U+FFFD, which stands for a lost letter, as ?.
  const spelt = anyAscii(name.normalize('NFC').replace(/\uFFFD/g, ' '))
    .replace(/[^ -~]+/g, ' ')
    .replace(/ +/g, ' ')
    .trim()
    .slice(0, CHARACTERS_MAX)
    .trim();
  return spelt === '' ? otherwise : spelt;
}

/** A text of any length in Latin letters, for paper: its font does not have all scripts. */
export function latinLetters(text: string): string {
  return anyAscii(text);
}
