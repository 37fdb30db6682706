import { type CanvasOptions, type Face, PdfCanvas } from './pdf-canvas.ts';
import { drawLabels } from './pdf-labels.ts';
import { drawTable } from './pdf-table.ts';
import { type BlankField, type Block, cellText, cellTone, type Fact, type Printout } from './printout.ts';

export interface PdfOptions extends Pick<CanvasOptions, 'paper' | 'madeAt' | 'spell'> {
  /** Called from time to time with the number of pages so far. */
  progress?(pages: number): void;
}

const TITLE: Face = { weight: 'bold', size: 19 };
const SUBTITLE: Face = { weight: 'regular', size: 12, tone: 'dim' };
const HEADING: Face = { weight: 'bold', size: 12 };
const BODY: Face = { weight: 'regular', size: 9.5 };
const LABEL: Face = { weight: 'regular', size: 9.5, tone: 'dim' };
const SMALL: Face = { weight: 'regular', size: 8, tone: 'dim' };
/** The share of the width that labels have. */
const LABELS = 0.3;
/** Between lines to write on. */
const WRITING = 22;
const SIGNING = 46;
/** A heading, and the beginning of what stands under it. */
const HEADING_WITH = 150;

/**
 * Draws a printout as a tagged PDF. The file comes out of the returned stream; drawing pauses now
 * and then, so that the stream is written meanwhile.
 */
export function pdfPrintout(
  printout: Printout,
  options: PdfOptions,
): { readonly stream: NodeJS.ReadableStream; readonly drawn: Promise<number> } {
  const { title, subtitle, language } = printout;
  const canvas = new PdfCanvas({ ...options, title: `${title}: ${subtitle}`, language });
  return { stream: canvas.stream, drawn: draw(canvas, printout, options) };
}

/** Returns the number of pages. */
async function draw(canvas: PdfCanvas, printout: Printout, { progress }: PdfOptions): Promise<number> {
  const pause = async () => {
    progress?.(canvas.pages);
    await new Promise((resolve) => setImmediate(resolve));
  };
  canvas.paragraph('H1', printout.title, TITLE);
  canvas.paragraph('P', printout.subtitle, SUBTITLE);
  canvas.y += 8;
  for (const block of printout.blocks) {
    await drawBlock(canvas, block, pause);
    await pause();
  }
  canvas.end(printout.footer);
  return canvas.pages;
}

async function drawBlock(canvas: PdfCanvas, block: Block, pause: () => Promise<void>): Promise<void> {
  switch (block.kind) {
    case 'heading':
      drawHeading(canvas, block.text);
      break;
    case 'paragraph':
      canvas.paragraph('P', block.text, { ...BODY, ...(block.tone !== undefined && { tone: block.tone }) });
      canvas.y += 4;
      break;
    case 'facts':
      for (const fact of block.rows) drawFact(canvas, fact);
      canvas.y += 6;
      break;
    case 'table':
      await drawTable(canvas, block, pause);
      break;
    case 'blanks':
      for (const field of block.fields) drawBlank(canvas, field);
      break;
    case 'labels':
      await drawLabels(canvas, block.labels, pause);
      break;
    case 'choices':
      drawChoices(canvas, block.label, block.options);
      break;
    case 'signatures':
      for (const person of block.people) drawSignature(canvas, person);
      break;
  }
}

/** A heading stays with what follows it. */
function drawHeading(canvas: PdfCanvas, text: string): void {
  canvas.ensure(HEADING_WITH);
  canvas.y += 10;
  canvas.paragraph('H2', text, HEADING);
  canvas.rule(canvas.left, canvas.y + 1, canvas.width, 1);
  canvas.y += 6;
}

function drawFact(canvas: PdfCanvas, { label, value }: Fact): void {
  const { left, width } = canvas;
  const labelWidth = width * LABELS;
  const tone = cellTone(value);
  const face: Face = { ...BODY, weight: tone === 'bad' ? 'bold' : 'regular', ...(tone !== undefined && { tone }) };
  const labels = canvas.lines(label, labelWidth - 8, LABEL);
  const lines = canvas.lines(cellText(value), width - labelWidth, face);
  const height = Math.max(labels.length, lines.length) * canvas.lineHeight(BODY) + 2;
  canvas.ensure(Math.min(height, canvas.pageHeight));
  const element = canvas.element('P');
  canvas.write(element, labels, { x: left, y: canvas.y, width: labelWidth }, LABEL);
  for (const line of lines) {
    canvas.ensure(canvas.lineHeight(BODY));
    canvas.write(element, [line], { x: left + labelWidth, y: canvas.y, width: width - labelWidth }, face);
    canvas.y += canvas.lineHeight(BODY);
  }
  if (labels.length > lines.length) canvas.y += (labels.length - lines.length) * canvas.lineHeight(BODY);
  canvas.y += 2;
  element.end();
}

function drawBlank(canvas: PdfCanvas, { label, lines = 1 }: BlankField): void {
  const { left, width } = canvas;
  const labelWidth = width * LABELS;
  const said = canvas.lines(label, labelWidth - 8, LABEL);
  const height = Math.max(lines * WRITING, said.length * canvas.lineHeight(LABEL) + 6);
  canvas.ensure(height);
  const element = canvas.element('P');
  canvas.write(element, said, { x: left, y: canvas.y + 6, width: labelWidth }, LABEL);
  element.end();
  for (let line = 1; line <= lines; line += 1) {
    canvas.rule(left + labelWidth, canvas.y + line * WRITING - 3, width - labelWidth, 0.7);
  }
  canvas.y += height;
}

function drawChoices(canvas: PdfCanvas, label: string, options: readonly string[]): void {
  const { left, width } = canvas;
  const labelWidth = width * LABELS;
  const line = canvas.lineHeight(BODY) + 3;
  const columns = 3;
  const each = (width - labelWidth) / columns;
  const cells = options.map((option) => canvas.lines(option, each - 22, BODY));
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, at) => {
    return cells.slice(at * columns, (at + 1) * columns);
  });
  const heights = rows.map((row) => Math.max(...row.map((lines) => lines.length)) * line);
  canvas.ensure(heights.reduce((sum, height) => sum + height, 8));
  const element = canvas.element('P');
  const said = canvas.lines(label, labelWidth - 8, LABEL);
  canvas.write(element, said, { x: left, y: canvas.y + 2, width: labelWidth }, LABEL);
  for (const [at, row] of rows.entries()) {
    for (const [column, lines] of row.entries()) {
      const x = left + labelWidth + column * each;
      canvas.box(x, canvas.y + 4, 8);
      canvas.write(element, lines, { x: x + 13, y: canvas.y + 2, width: each }, BODY);
    }
    canvas.y += heights[at] ?? line;
  }
  element.end();
  canvas.y += 8;
}

function drawSignature(canvas: PdfCanvas, person: string): void {
  canvas.ensure(SIGNING + 14);
  canvas.y += SIGNING;
  const { left, width } = canvas;
  const fields = [
    { text: `${person}: name`, x: left, width: width * 0.38 },
    { text: 'Signature', x: left + width * 0.42, width: width * 0.36 },
    { text: 'Date', x: left + width * 0.82, width: width * 0.18 },
  ];
  const element = canvas.element('P');
  for (const { text, x, width: wide } of fields) {
    canvas.rule(x, canvas.y, wide, 0.8);
    canvas.write(element, canvas.lines(text, wide, SMALL), { x, y: canvas.y + 2, width: wide }, SMALL);
  }
  element.end();
  canvas.y += 14;
}
