/**
 * The GSM 7 bit default alphabet (3GPP TS 23.038 §6.2.1), by code. A space marks a code that is
 * left out. In text mode a modem reads 0x08 as "delete", 0x0A and 0x0D as the end of a line, 0x11
 * and 0x13 as flow control, 0x1A as the end of the message and 0x1B as "abort" (3GPP TS 27.005
 * §3.5.1).
 */
const ALPHABET =
  '@£$¥èéùì Ç Øø ÅåΔ Φ ΛΩΠΨΣΘ  ÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

const CODES: ReadonlyMap<string, number> = new Map(
  [...ALPHABET].flatMap((letter, code) => (letter === ' ' && code !== 0x20 ? [] : [[letter, code] as const])),
);

/**
 * Replacements for characters that are left out above, or that need the escape code 0x1B
 * (§6.2.1.1), which would abort the message.
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

/** Placeholder for a letter without a likeness, until each run of them becomes one character. */
const UNKNOWN = '\0';

function each(letters: string, words: string): (readonly [string, string])[] {
  return [...letters].map((letter) => [letter, words] as const);
}

/**
 * Returns the text in the GSM alphabet, with the nearest replacement for each character outside it.
 * A letter loses its accent if the alphabet lacks it. A run of letters without a likeness becomes
 * one `-`. The result may be longer. Its length is its number of septets, because it contains no
 * character that costs two. It also contains none that a modem reads as a key (0x08, 0x0A, 0x0D,
 * 0x1A, 0x1B).
 */
export function toGsmText(text: string): string {
  return folded(text).replace(/\0+/g, '-');
}

/** Returns true if the text has letters that the alphabet lacks even without their accents. */
export function losesGsmLetters(text: string): boolean {
  return folded(text).includes(UNKNOWN);
}

function folded(text: string): string {
  let out = '';
  for (const letter of text.normalize('NFC')) out += gsmLetter(letter);
  return out;
}

/**
 * Writes one octet per character, as with `AT+CSCS="GSM"`. `text` comes from `toGsmText`; any other
 * character becomes `-`.
 */
export function gsmBytes(text: string): Uint8Array {
  const dash = 0x2d;
  return Uint8Array.from([...text], (letter) => CODES.get(letter) ?? dash);
}

/** Reads these octets; `?` stands for codes without a letter here. */
export function gsmTextOf(bytes: Uint8Array): string {
  const letters = [...ALPHABET];
  return Array.from(bytes, (byte) => letters[byte] ?? '?').join('');
}

function gsmLetter(letter: string): string {
  if (CODES.has(letter)) return letter;
  const words = IN_OTHER_WORDS.get(letter);
  if (words !== undefined) return words;
  if (/\s|\p{Cc}/u.test(letter)) return ' ';
  // The letter without its accents, or the base letter of a variant: ﬁ, ², full-width forms.
  const bare = [...letter.normalize('NFKD').replace(/\p{M}/gu, '')];
  const known = bare.map((part) => (CODES.has(part) ? part : (IN_OTHER_WORDS.get(part) ?? '')));
  return known.length === 0 || known.includes('') ? nothingLike(letter) : known.join('');
}

/** A combining mark after its letter costs nothing. */
function nothingLike(letter: string): string {
  return /\p{M}|\p{Cf}/u.test(letter) ? '' : UNKNOWN;
}
