/**
 * Replacements for three groups: characters that end or structure a field of DC-09; the quote,
 * which breaks receivers' regular expressions; letters that have no accent to drop.
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

/** Text without anything to replace: words of harmless characters, separated by single blanks. */
const CLEAN = /^[!#-.0-Z\\_`a-{}~]+(?: [!#-.0-Z\\_`a-{}~]+)*$/;

/**
 * Placeholder for a letter without a Latin likeness, until each run of them becomes one character.
 */
const UNKNOWN = '\0';

/**
 * Returns printable ASCII without `[ ] | ^ / "`. Accents are dropped (é → e) and white space
 * becomes one blank. A run of letters without a Latin likeness becomes one `-`, never `?`: an
 * operator who reads `????` takes the alarm for a fault. The core has already written the site's
 * names in Latin letters (`gateway/core/latin.ts`).
 */
export function cleanText(text: string): string {
  if (CLEAN.test(text)) return text;
  return folded(text).replace(/\0+/g, '-').replace(/ +/g, ' ').trim();
}

/**
 * Returns true if the text has letters that printable ASCII cannot show even without their accents.
 */
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
