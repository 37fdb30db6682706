import stringWidth from 'string-width';

const USUAL_COLUMNS = 80;
/** Control characters, and those that turn the direction or hide (Unicode Cc, Cf, Zl, Zp). */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const graphemes = new Intl.Segmenter();

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Columns of a terminal. Some serial ones say 0. */
export function columnsOf({ columns }: Stream): number {
  return columns === undefined || columns === 0 ? USUAL_COLUMNS : columns;
}

/** Columns that a text takes: two for a wide letter, none for an accent. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/**
 * The text without what would move the cursor, clear the screen or write to the clipboard: names
 * and messages come from outside.
 */
export function safeText(text: string): string {
  return text.replace(UNSAFE, '·');
}

/** As many of its letters as fit in these columns. */
export function beginningOf(text: string, width: number): string {
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += widthOf(segment);
    if (used > width) break;
    kept += segment;
  }
  return kept;
}

/** The text, cut with `…` if it takes more columns than these. */
function clipped(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return width < 1 ? '' : `${beginningOf(text, width - 1)}…`;
}

/** The text in exactly these columns. */
export function filled(text: string, width: number): string {
  const fitting = clipped(text, width);
  return fitting + ' '.repeat(Math.max(0, width - widthOf(fitting)));
}

/** Breaks a line between words. Each further line is indented by two more columns. */
export function wrapped(line: string, width: number): string[] {
  if (widthOf(line) <= width) return [line];
  const indent = ' '.repeat((/^ */.exec(line)?.[0].length ?? 0) + 2);
  const lines: string[] = [];
  let rest = line;
  while (widthOf(rest) > width) {
    const whole = prefixOf(rest, width);
    const blank = rest[whole.length] === ' ' ? whole.length : whole.lastIndexOf(' ');
    // A word that is longer than a line is broken where the line ends.
    const isWord = blank > indent.length;
    lines.push(rest.slice(0, isWord ? blank : whole.length).trimEnd());
    rest = indent + rest.slice(isWord ? blank : whole.length).trimStart();
  }
  return [...lines, rest];
}

/** As many of its letters as fit in these columns; at least one, and more than an indent. */
function prefixOf(text: string, width: number): string {
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += widthOf(segment);
    if (used > width && kept.trim() !== '') break;
    kept += segment;
  }
  return kept;
}

/** Lines for a person at a terminal. A program that reads a pipe gets each line whole. */
export function terminalLines(text: string, stream: Stream): string[] {
  const lines = text.split('\n').map(safeText);
  return stream.isTTY ? lines.flatMap((line) => wrapped(line, columnsOf(stream))) : lines;
}
