import anyAscii from 'any-ascii';
import { losesLetters } from '../../../protocol/text.ts';

const CHARACTERS_MAX = 64;

/**
 * A name as links that carry Latin letters only are to have it; `undefined`: they show it as it is,
 * but for accents.
 *
 * @param latin the spelling the site wrote; without one each letter is transliterated (AnyAscii)
 * @param otherwise where nothing of the name has a likeness
 */
export function latinSpelling(name: string, latin: string | undefined, otherwise: string): string | undefined {
  if (!losesLetters(name)) return undefined;
  if (latin !== undefined) return latin;
  const spelt = anyAscii(name.normalize('NFC'))
    .replace(/[^ -~]+/g, ' ')
    .replace(/ +/g, ' ')
    .trim()
    .slice(0, CHARACTERS_MAX)
    .trim();
  return spelt === '' ? otherwise : spelt;
}
