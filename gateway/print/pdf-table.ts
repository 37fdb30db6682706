import type { Face, PdfCanvas } from './pdf-canvas.ts';
import { type Cell, type Column, cellText, cellTone, isGroup, type Row, type Table } from './printout.ts';

const SIZE = 8.5;
const PAD = 3;
const GAP = 8;
const HEAD: Face = { weight: 'bold', size: SIZE };
const CAPTION: Face = { weight: 'regular', size: SIZE, tone: 'dim' };

interface Laid {
  readonly x: number;
  readonly width: number;
  readonly column: Column;
}

/** Rows drawn between two pauses: the terminal must stay responsive. */
const ROWS_AT_ONCE = 25;

/**
 * Draws a table. Its head stands again on each page, and only a row longer than a page is split.
 */
export async function drawTable(canvas: PdfCanvas, table: Table, pause: () => Promise<void>): Promise<void> {
  await new TableDrawing(canvas, table).draw(pause);
}

class TableDrawing {
  readonly #canvas: PdfCanvas;
  readonly #table: Table;
  readonly #element: ReturnType<PdfCanvas['element']>;
  readonly #columns: readonly Laid[];
  readonly #head: readonly string[][];
  readonly #line: number;
  /** The group whose rows are being drawn. */
  #group: string | undefined;

  constructor(canvas: PdfCanvas, table: Table) {
    this.#canvas = canvas;
    this.#table = table;
    this.#element = canvas.element('Table');
    this.#columns = laidOut(table.columns, canvas);
    this.#head = this.#columns.map(({ column, width }) => canvas.lines(column.title, width, HEAD));
    this.#line = canvas.lineHeight(HEAD);
  }

  async draw(pause: () => Promise<void>): Promise<void> {
    const canvas = this.#canvas;
    // A head at the foot of a page, with its rows on the next, helps nobody.
    canvas.ensure(this.#line * 2 + this.#headHeight + 3 * (this.#line + 2 * PAD));
    const caption = canvas.element('Caption', this.#element);
    for (const line of canvas.lines(this.#table.caption, canvas.width, CAPTION)) {
      canvas.write(caption, [line], { x: canvas.left, y: canvas.y, width: canvas.width }, CAPTION);
      canvas.y += this.#line;
    }
    caption.end();
    this.#drawHead(true);
    for (const [at, row] of this.#table.rows.entries()) {
      if (at % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await pause();
      if (isGroup(row)) this.#drawGroup(row.group);
      else this.#drawRow(row);
    }
    canvas.y += 8;
    this.#element.end();
  }

  get #headHeight(): number {
    return Math.max(...this.#head.map((lines) => lines.length)) * this.#line + 2 * PAD;
  }

  /** Begins a page if less than `height` is left: with the head and the name of the group. */
  #newPage(height: number): void {
    const canvas = this.#canvas;
    if (!canvas.ensure(height)) return;
    this.#drawHead(false);
    if (this.#group === undefined) return;
    const [first = ''] = canvas.lines(`${this.#group}, continued`, canvas.width - 2 * PAD, HEAD);
    this.#drawBand(1);
    canvas.decorate([first], { x: canvas.left + PAD, y: canvas.y + PAD, width: canvas.width }, HEAD);
    canvas.y += this.#line + 2 * PAD;
  }

  /** Behind the name of a group. */
  #drawBand(lines: number): void {
    this.#canvas.band(this.#canvas.y, lines * this.#line + 2 * PAD);
  }

  /** @param isFirst on the pages that follow, the head is there for the eye alone */
  #drawHead(isFirst: boolean): void {
    const canvas = this.#canvas;
    const row = isFirst ? canvas.element('TR', this.#element) : undefined;
    const y = canvas.y + PAD;
    for (const [at, { x, width, column }] of this.#columns.entries()) {
      const box = { x, y, width, isRight: column.isNumber === true };
      const lines = this.#head[at] ?? [];
      if (row === undefined) canvas.decorate(lines, box, HEAD);
      else {
        const cell = canvas.element('TH', row, 'Column');
        canvas.write(cell, lines, box, HEAD);
        cell.end();
      }
    }
    row?.end();
    canvas.y += this.#headHeight;
    canvas.rule(canvas.left, canvas.y, canvas.width, 1);
  }

  #drawGroup(text: string): void {
    const canvas = this.#canvas;
    const lines = canvas.lines(text, canvas.width - 2 * PAD, HEAD);
    const height = lines.length * this.#line + 2 * PAD;
    this.#group = undefined;
    this.#newPage(height + this.#line + 2 * PAD);
    this.#group = text;
    this.#drawBand(lines.length);
    const row = canvas.element('TR', this.#element);
    const cell = canvas.element('TH', row, 'Row');
    canvas.write(cell, lines, { x: canvas.left + PAD, y: canvas.y + PAD, width: canvas.width }, HEAD);
    cell.end();
    row.end();
    canvas.y += height;
  }

  #drawRow(row: Row & readonly Cell[]): void {
    const canvas = this.#canvas;
    const faces = this.#columns.map((_, at) => faceOf(row[at] ?? ''));
    const cells = this.#columns.map(({ width }, at) => {
      return canvas.lines(cellText(row[at] ?? ''), width, faces[at] ?? HEAD);
    });
    const count = Math.max(1, ...cells.map((lines) => lines.length));
    const height = count * this.#line + 2 * PAD;
    const isLong = height > canvas.pageHeight - this.#headHeight - this.#line - 2 * PAD;
    this.#newPage(isLong ? this.#line + 2 * PAD : height);
    const element = canvas.element('TR', this.#element);
    const tagged = this.#columns.map((_, at) => {
      return at === 0 ? canvas.element('TH', element, 'Row') : canvas.element('TD', element);
    });
    for (let from = 0; from < count; ) {
      const fits = Math.max(1, Math.floor((canvas.bottom - canvas.y - 2 * PAD) / this.#line));
      const until = Math.min(count, from + fits);
      for (const [at, { x, width, column }] of this.#columns.entries()) {
        const part = (cells[at] ?? []).slice(from, until);
        const box = { x, y: canvas.y + PAD, width, isRight: column.isNumber === true };
        const [cell, face] = [tagged[at], faces[at]];
        if (cell !== undefined && face !== undefined && part.length > 0) canvas.write(cell, part, box, face);
      }
      canvas.y += (until - from) * this.#line + 2 * PAD;
      from = until;
      if (from < count) this.#newPage(this.#line + 2 * PAD);
    }
    for (const cell of tagged) cell.end();
    element.end();
    canvas.rule(canvas.left, canvas.y, canvas.width);
  }
}

function faceOf(cell: Cell): Face {
  const tone = cellTone(cell);
  return { weight: tone === 'bad' ? 'bold' : 'regular', size: SIZE, ...(tone !== undefined && { tone }) };
}

function laidOut(columns: readonly Column[], { left, width }: PdfCanvas): Laid[] {
  const total = columns.reduce((sum, { weight }) => sum + weight, 0);
  let x = left;
  return columns.map((column) => {
    const share = (column.weight / total) * width;
    const laid = { x, width: share - GAP, column };
    x += share;
    return laid;
  });
}
