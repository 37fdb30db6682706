import { stripVTControlCharacters, styleText } from 'node:util';
import { terminalSafe } from './terminal-safe.ts';

/** How the lines are written. */
export interface TextOptions {
  /** Columns. */
  readonly width: number;
  /** Where the times are shown. */
  readonly now: Date;
}

const USUAL_WIDTH = 80;

/** Columns of the terminal; a terminal that says 0, as some serial ones do, has the usual ones. */
export function terminalWidth({ columns }: { readonly columns?: number } = process.stdout): number {
  return columns === undefined || columns === 0 ? USUAL_WIDTH : columns;
}

type Colour = 'red' | 'yellow' | 'green' | 'bold' | 'dim';

/** Colours obey NO_COLOR, FORCE_COLOR and whether stdout is a terminal. */
export function coloured(colour: Colour, text: string): string {
  return styleText(colour, text);
}

/** Breaks a text between words. Each line but the first is indented by `indent` columns. */
export function wrapped(text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(' ')) {
    const longer = line === undefined ? word : `${line} ${word}`;
    // Blanks between words separate columns. At a break they are not needed.
    if (line === '' && lines.length > 0) line = `${' '.repeat(indent)}${word}`;
    else if (line === undefined || columns(longer) <= width || line.trim() === '') line = longer;
    else {
      lines.push(line.trimEnd());
      line = word === '' ? '' : `${' '.repeat(indent)}${word}`;
    }
  }
  return eachColoured([...lines, line ?? '']);
}

/** Colours that `coloured` begins, and what ends each. */
const SGR = new RegExp(`${'\u001b'}\\[(\\d+)m`, 'g');
const ENDS: Readonly<Record<string, RegExp>> = { '39': /^3\d$/, '22': /^[12]$/, '0': /^/ };

/** A colour that goes on in the next line begins there anew: pagers show each line for itself. */
function eachColoured(lines: readonly string[]): string[] {
  let open: readonly string[] = [];
  return lines.map((line) => {
    const begin = open.map((code) => `\u001b[${code}m`).join('');
    for (const [, code = ''] of line.matchAll(SGR)) {
      const ends = ENDS[code];
      open = ends === undefined ? [...open, code] : open.filter((each) => !ends.test(each));
    }
    return `${begin}${line}${open.length === 0 ? '' : '\u001b[0m'}`;
  });
}

/**
 * A text as harmless lines for a terminal: broken between words, and further lines indented. A
 * program that reads a pipe gets each line whole.
 */
export function terminalLines(
  text: string,
  stream: { readonly isTTY?: boolean; readonly columns?: number } = process.stdout,
): string[] {
  const lines = terminalSafe(text).split('\n');
  if (!stream.isTTY) return lines;
  const width = terminalWidth(stream);
  return lines.flatMap((line) =>
    columns(line) <= width ? [line] : wrapped(line, width, (/^ */.exec(line)?.[0].length ?? 0) + 2),
  );
}

/** More lines than this of one kind hide the other kinds. */
const SHOWN_MAX = 8;

/**
 * The first of many things, each with its lines, and how many more there are.
 * @param command lists them all; absent: none does
 */
export function firstOf(things: readonly string[][], command?: string): string[] {
  if (things.length <= SHOWN_MAX) return things.flat();
  const where = command === undefined ? '--json lists them' : `${command} lists them`;
  return [...things.slice(0, SHOWN_MAX).flat(), `  and ${things.length - SHOWN_MAX} more: ${where}`];
}

/** `3 missing, 49 ok`: how often each word occurs. */
export function countsOf(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}

/** The last column is at least this wide. */
const LAST_COLUMN_MIN = 20;
/** In a table that is too wide, a longer name stands on a line of its own. */
const NAME_COLUMNS_MAX = 12;

/**
 * Columns side by side, each as wide as its widest cell; the last one is wrapped. A column of empty
 * cells is left out.
 * @returns the lines of each row
 */
export function table(rows: readonly (readonly string[])[], width: number): string[][] {
  const whole = layout(rows, Number.POSITIVE_INFINITY);
  const isTooWide = whole.before + LAST_COLUMN_MIN > width;
  const { shown, before, nameMax } = isTooWide ? layout(rows, NAME_COLUMNS_MAX) : whole;
  const lastMax = Math.max(0, ...rows.map((row) => (row.length > 1 ? columns(row.at(-1) ?? '') : 0)));
  if (before + Math.min(LAST_COLUMN_MIN, lastMax) > width) return rows.map((row) => stacked(row, width));
  return rows.map(([name = '', ...others]) => {
    const isLong = columns(name) > nameMax;
    const row = [isLong ? '' : name, ...others];
    const cells = shown.map(({ at, each }) => `${row[at]}${' '.repeat(each - columns(row[at] ?? ''))}  `);
    const last = others.length === 0 ? '' : (others.at(-1) ?? '');
    const rest = wrapped(`  ${cells.join('')}${last}`.trimEnd(), Math.max(width, before + LAST_COLUMN_MIN), before);
    return isLong ? [`  ${name}`, ...rest] : rest;
  });
}

/** On a screen as narrow as a telephone's, the last column stands below the others. */
function stacked(row: readonly string[], width: number): string[] {
  const [last = '', ...others] = row.toReversed();
  const head = others.toReversed().filter((cell) => cell !== '');
  const lines = head.length === 0 ? [] : wrapped(`  ${head.join('  ')}`, width, 4);
  return last === '' ? lines : [...lines, ...wrapped(`${head.length === 0 ? '  ' : '    '}${last}`, width, 4)];
}

/** The columns that hold something, but for the last, and how wide all of these are. */
function layout(rows: readonly (readonly string[])[], nameMax: number) {
  const [first = []] = rows;
  const widths = first.map((_, at) => {
    const each = rows.map((row) => columns(row[at] ?? ''));
    return Math.max(0, ...(at === 0 ? each.filter((wide) => wide <= nameMax) : each));
  });
  const shown = widths.flatMap((each, at) => (each > 0 && at < widths.length - 1 ? [{ at, each }] : []));
  return { shown, before: shown.reduce((sum, { each }) => sum + each + 2, 2), nameMax };
}

/** Characters that take no column: marks above or below a letter, and those that only format. */
const NARROWEST = /\p{Mn}|\p{Me}|\p{Cf}/u;
/** Characters that take two columns (Unicode UAX #11, wide and full-width). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

/** Columns that a text takes on a terminal. Colours take none. */
export function columns(text: string): number {
  let sum = 0;
  for (const character of stripVTControlCharacters(text)) sum += columnsOf(character);
  return sum;
}

function columnsOf(character: string): number {
  if (character < '\u0300') return 1;
  if (NARROWEST.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** The text, cut with `…` if it takes more columns than these. */
export function fitted(text: string, width: number): string {
  if (columns(text) <= width) return text;
  let left = width - 1;
  let kept = '';
  for (const character of stripVTControlCharacters(text)) {
    left -= columnsOf(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

/** `28 Nov 16:02:07`, in the machine's time zone; with the year if it is not this one. */
export function localTime(iso: string, now: Date): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const day = at.toLocaleDateString('en-GB', {
    day: '2-digit',
    month: 'short',
    ...(at.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  });
  return `${day} ${at.toLocaleTimeString('en-GB')}`;
}

/** The person behind a command: `cli:` marks those of this machine. */
export function whoText(by: string): string {
  return by.replace(/^cli:/, '');
}

/** An answer such as `drill ended in building:A` as a sentence. A name stays as it is written. */
export function sentence(text: string): string {
  const begun = /^[a-z]+(?:[ ,;]|$)/.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
  return /[.:!?]$/.test(begun) ? begun : `${begun}.`;
}

/** The text of a gateway, which answers in UTC, for the person who reads it here. */
export function inLocalTime(text: string, now = new Date()): string {
  return text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (iso) => localTime(iso, now));
}

/** `3 s`, `12 min`, `5 h`, `9 d`. */
export function age(iso: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - new Date(iso).getTime()) / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
