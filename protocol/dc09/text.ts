/** Characters that end or structure a DC-09 field, and the quote, which receivers' regular expressions trip over. */
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

/** The report's id as it ends a text, so that a receiver's desk can tell a repeat from a new alert. */
export function idMark(id: string): string {
  return `(${id.replace(/[^A-Za-z0-9._-]/g, '-')})`;
}

/** Cleaned text, shortened so that it ends with the whole of `tail` within `maximum` characters; the tail itself is never cut. */
export function textEndingWith(text: string, tail: string, maximum: number): string {
  const room = maximum - tail.length - 1;
  const clean = cleanText(text);
  if (clean === '' || room <= 3) return tail;
  return `${clean.length <= room ? clean : `${clean.slice(0, room - 3).trimEnd()}...`} ${tail}`;
}

/** The id a text ends with. */
export function idInText(text: string): string | undefined {
  return /\(([A-Za-z0-9._-]+)\)$/.exec(text)?.[1];
}
