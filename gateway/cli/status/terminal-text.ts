import { stripVTControlCharacters, styleText } from 'node:util';

/** How the lines are written. */
export interface TextOptions {
  /** Columns. */
  readonly width: number;
  /** Where the times are shown. */
  readonly now: Date;
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
    if (line === undefined || columns(longer) <= width || line.trim() === '') line = longer;
    else {
      lines.push(line);
      line = `${' '.repeat(indent)}${word}`;
    }
  }
  return [...lines, line ?? ''];
}

/**
 * Columns side by side, each as wide as its widest cell; the last one is wrapped. A column of empty
 * cells is left out.
 */
export function table(rows: readonly (readonly string[])[], width: number): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => columns(row[at] ?? ''))));
  const lastAt = widths.length - 1;
  const shown = widths.flatMap((each, at) => (each > 0 && at < lastAt ? [{ at, each }] : []));
  const before = shown.reduce((sum, { each }) => sum + each + 2, 2);
  return rows.flatMap((row) => {
    const cells = shown.map(({ at, each }) => `${row[at]}${' '.repeat(each - columns(row[at] ?? ''))}  `);
    return wrapped(`  ${cells.join('')}${row[lastAt] ?? ''}`.trimEnd(), Math.max(width, before + 20), before);
  });
}

function columns(text: string): number {
  return stripVTControlCharacters(text).length;
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

/** `3 s`, `12 min`, `5 h`, `9 d`. */
export function age(iso: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - new Date(iso).getTime()) / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
