import { beginningOf, safeText, widthOf } from './text.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'inverse';

/** A piece of a row that looks the same all along. */
export interface Segment {
  readonly text: string;
  readonly style?: Style;
}

export type Row = readonly Segment[];

/** Select Graphic Rendition (ECMA-48 §8.3.117). Bold, dim and inverse are no colours. */
const SGR: Readonly<Record<Style, string>> = {
  bold: '1',
  dim: '2',
  inverse: '7',
  red: '31',
  green: '32',
  yellow: '33',
  cyan: '36',
};
const COLOURS: ReadonlySet<Style> = new Set(['red', 'green', 'yellow', 'cyan']);

/** What a terminal without UTF-8 shows in place of our signs. */
const ASCII: Readonly<Record<string, string>> = {
  '…': '~',
  '→': '>',
  '←': '<',
  '▸': '>',
  '●': '*',
  '○': 'o',
  '─': '-',
  '│': '|',
  '·': '.',
};

export function row(text: string, style?: Style): Row {
  return [style === undefined ? { text } : { text, style }];
}

export function textOf(of: Row): string {
  return of.map(({ text }) => text).join('');
}

/** The row in exactly these columns: cut with `…`, or filled with blanks. */
export function fitRow(of: Row, width: number): Row {
  const safe = of.map((segment) => ({ ...segment, text: safeText(segment.text) }));
  const free = width - safe.reduce((sum, { text }) => sum + widthOf(text), 0);
  if (free >= 0) return free === 0 ? safe : [...safe, { text: ' '.repeat(free) }];
  const fitting: Segment[] = [];
  let left = Math.max(0, width - 1);
  for (const segment of safe) {
    const text = beginningOf(segment.text, left);
    fitting.push({ ...segment, text });
    left -= widthOf(text);
    if (text !== segment.text) break;
  }
  return [...fitting, { text: width < 1 ? '' : `…${' '.repeat(left)}` }];
}

/** Two rows side by side. */
export function beside(left: Row, leftWidth: number, right: Row): Row {
  return [...fitRow(left, leftWidth), ...right];
}

/** The row with one style all along, as a selected one has. */
export function styledRow(of: Row, style: Style): Row {
  return row(textOf(of), style);
}

export interface RowLook {
  readonly hasColour: boolean;
  readonly isUtf8: boolean;
}

/** The row as it is written to the terminal. */
export function encodeRow(of: Row, { hasColour, isUtf8 }: RowLook): string {
  return of
    .map(({ text, style }) => {
      const shown = isUtf8 ? text : text.replace(/[^\x20-\x7e]/gu, (sign) => ASCII[sign] ?? '?');
      if (style === undefined || (COLOURS.has(style) && !hasColour)) return shown;
      return `\u001b[${SGR[style]}m${shown}\u001b[0m`;
    })
    .join('');
}
