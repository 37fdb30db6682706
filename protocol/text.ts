/**
 * Characters that end or structure a field of DC-09; the quote, which receivers' regular expressions trip over; letters that have no
 * accent to drop.
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

/** Printable ASCII without `[ ] | ^ / "`: accents dropped (é → e), what has no Latin likeness becomes `?`, white space one blank. */
export function cleanText(text: string): string {
  if (CLEAN.test(text)) return text;
  let clean = '';
  for (const character of text.normalize('NFKD')) {
    if (/\p{M}/u.test(character)) continue;
    clean += cleanCharacter(character);
  }
  return clean.replace(/ +/g, ' ').trim();
}

function cleanCharacter(character: string): string {
  const replaced = REPLACED[character];
  if (replaced !== undefined) return replaced;
  if (/[\s\p{Cc}]/u.test(character)) return ' ';
  return /^[ -~]$/.test(character) ? character : '?';
}
