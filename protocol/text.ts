/**
 * Characters that end or structure a field of DC-09; the quote, which receivers' regular
 * expressions trip over; letters that have no accent to drop.
 */
const REPLACED: Readonly<Record<string, string>> = {
  '[': '(',
  ']': ')',
  '|': '-',
  '^': "'",
  '/': '-',
  '"': "'",
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'TH',
  ı: 'i',
  '‘': "'",
  '’': "'",
  '“': "'",
  '”': "'",
  '–': '-',
  '—': '-',
  '…': '...',
};

/** Nothing to replace: words of harmless characters with one blank between. */
const CLEAN = /^[!#-.0-Z\\_`a-{}~]+(?: [!#-.0-Z\\_`a-{}~]+)*$/;

/** Stands for a letter without a Latin likeness until runs of them are one sign. */
const UNKNOWN = '\0';

/**
 * Printable ASCII without `[ ] | ^ / "`: accents dropped (é → e), white space one blank. Letters
 * that have no Latin likeness become one `-` for each run of them, never `?`: who reads `????`
 * takes the alarm for a fault. The core has spelt the site's names in Latin letters before
 * (`gateway/core/latin.ts`).
 */
export function cleanText(text: string): string {
  if (CLEAN.test(text)) return text;
  return folded(text).replace(/\0+/g, '-').replace(/ +/g, ' ').trim();
}

/** Are there letters in it that printable ASCII can't show, not even without their accents? */
export function losesLetters(text: string): boolean {
  return !CLEAN.test(text) && folded(text).includes(UNKNOWN);
}

function folded(text: string): string {
  let clean = '';
  for (const character of text.normalize('NFKD')) {
    // Marks and invisible formatting, such as the direction of writing, belong to the letters
    // around them.
    if (/[\p{M}\p{Cf}]/u.test(character)) continue;
    clean += cleanCharacter(character);
  }
  return clean;
}

function cleanCharacter(character: string): string {
  const replaced = REPLACED[character];
  if (replaced !== undefined) return replaced;
  if (/[\s\p{Cc}]/u.test(character)) return ' ';
  return /^[ -~]$/.test(character) ? character : UNKNOWN;
}
