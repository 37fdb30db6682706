/**
 * The GSM 7 bit default alphabet (3GPP TS 23.038 §6.2.1), by code. Codes that are left out are
 * marked with a space: in text mode a modem takes 0x08 for "delete", 0x0A and 0x0D for the end of a
 * line, 0x11 and 0x13 for flow control, 0x1A for the end of the message and 0x1B for "abort" (3GPP
 * TS 27.005 §3.5.1).
 */
const ALPHABET =
  '@£$¥èéùì Ç Øø ÅåΔ Φ ΛΩΠΨΣΘ  ÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

const CODES: ReadonlyMap<string, number> = new Map(
  [...ALPHABET].flatMap((letter, code) => (letter === ' ' && code !== 0x20 ? [] : [[letter, code] as const])),
);

/**
 * Reached by the escape code 0x1B (§6.2.1.1), which would abort the message, or left out above:
 * written otherwise.
 */
const IN_OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ...each('[{', '('),
  ...each(']}', ')'),
  ...each('~_–—‐‑−•', '-'),
  ...each('\\|⁄', '/'),
  ...each('^`‘’‚', "'"),
  ...each('“”„«»', '"'),
  ...each('·', '.'),
  ...each('×', 'x'),
  ...each('òº°', 'o'),
  ...each('ª', 'a'),
  ...each('Ξ', 'X'),
  ...each('Γ', 'G'),
  ...each('ÐĐ', 'D'),
  ...each('ðđ', 'd'),
  ...each('Ħ', 'H'),
  ...each('ħ', 'h'),
  ...each('Ł', 'L'),
  ...each('ł', 'l'),
  ...each('ı', 'i'),
  ...each('ſ', 's'),
  ...each('€', 'EUR'),
  ...each('…', '...'),
  ...each('Œ', 'OE'),
  ...each('œ', 'oe'),
  ...each('Þ', 'Th'),
  ...each('þ', 'th'),
  ...each('™', 'TM'),
]);

/** Stands for a letter without a likeness until runs of them are one sign. */
const UNKNOWN = '\0';

function each(letters: string, words: string): (readonly [string, string])[] {
  return [...letters].map((letter) => [letter, words] as const);
}

/**
 * The text with every character in the GSM alphabet, near ones in place of those that are not:
 * accents fall away where the alphabet lacks the letter with them; a run of letters without a
 * likeness becomes one `-`. It may be longer than before. Its length is the number of its septets,
 * as none of the characters that cost two is in it; nor is one that a modem takes for a key (0x08,
 * 0x0A, 0x0D, 0x1A, 0x1B).
 */
export function toGsmText(text: string): string {
  return folded(text).replace(/\0+/g, '-');
}

/** Are there letters in it that the alphabet lacks, even without their accents? */
export function losesGsmLetters(text: string): boolean {
  return folded(text).includes(UNKNOWN);
}

function folded(text: string): string {
  let out = '';
  for (const letter of text.normalize('NFC')) out += gsmLetter(letter);
  return out;
}

/**
 * One octet a character, as `AT+CSCS="GSM"` has it; `text` as `toGsmText` makes it, anything else
 * becomes `-`.
 */
export function gsmBytes(text: string): Uint8Array {
  const dash = 0x2d;
  return Uint8Array.from([...text], (letter) => CODES.get(letter) ?? dash);
}

/** What these octets say; `?` for those that are no letters of the alphabet here. */
export function gsmTextOf(bytes: Uint8Array): string {
  const letters = [...ALPHABET];
  return Array.from(bytes, (byte) => letters[byte] ?? '?').join('');
}

function gsmLetter(letter: string): string {
  if (CODES.has(letter)) return letter;
  const words = IN_OTHER_WORDS.get(letter);
  if (words !== undefined) return words;
  if (/\s|\p{Cc}/u.test(letter)) return ' ';
  // The letter without its accents, or what it is a variant of: ﬁ, ², full-width forms.
  const bare = [...letter.normalize('NFKD').replace(/\p{M}/gu, '')];
  const known = bare.map((part) => (CODES.has(part) ? part : (IN_OTHER_WORDS.get(part) ?? '')));
  return known.length === 0 || known.includes('') ? nothingLike(letter) : known.join('');
}

/** A mark that belongs to the letter before it costs nothing. */
function nothingLike(letter: string): string {
  return /\p{M}|\p{Cf}/u.test(letter) ? '' : UNKNOWN;
}
