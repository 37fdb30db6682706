/**
 * A document to read on a screen and to print and sign, as plain data. `html-printout.ts` and
 * `pdf-printout.ts` draw it. It holds all that a reader sees, so that both show the same.
 */
export interface Printout {
  readonly title: string;
  /** Under the title: the site. */
  readonly subtitle: string;
  /** BCP 47. */
  readonly language: string;
  /** Stands on every page: who made it, when and with what. */
  readonly footer: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string; readonly tone?: Tone }
  | { readonly kind: 'facts'; readonly rows: readonly Fact[] }
  | Table
  | { readonly kind: 'blanks'; readonly fields: readonly BlankField[] }
  /** To cut out, three side by side. */
  | { readonly kind: 'labels'; readonly labels: readonly Label[] }
  | { readonly kind: 'choices'; readonly label: string; readonly options: readonly string[] }
  /** One line each for name, signature and date. */
  | { readonly kind: 'signatures'; readonly people: readonly string[] };

export interface Label {
  /** Read from across the room. */
  readonly title: string;
  readonly name: string;
  readonly lines: readonly string[];
}

export interface Fact {
  readonly label: string;
  readonly value: Cell;
}

export interface Table {
  readonly kind: 'table';
  /** What the table shows; a reader who hears the page gets it first. */
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

export interface Column {
  readonly title: string;
  /** Its share of the page's width. */
  readonly weight: number;
  readonly isNumber?: boolean;
}

/** A row of cells, one for each column, or a title above the rows that follow. */
export type Row = readonly Cell[] | { readonly group: string };

/** Lines of text. A tone never says anything that the text does not say. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

export type Tone = 'good' | 'bad' | 'unknown';

/** A line to write on. */
export interface BlankField {
  readonly label: string;
  /** Lines, for a longer text. Default 1. */
  readonly lines?: number;
}

export function isGroup(row: Row): row is { readonly group: string } {
  return 'group' in row;
}

export function cellText(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

export function cellTone(cell: Cell): Tone | undefined {
  return typeof cell === 'string' ? undefined : cell.tone;
}
