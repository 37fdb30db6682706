import PDFDocument from 'pdfkit';
import { fontFile, type Weight } from './pdf-fonts.ts';
import { brokenLines, type Measure, spelled } from './pdf-text.ts';
import type { Tone } from './printout.ts';

type PaperSize = 'letter' | 'a4';
type Element = PDFKit.PDFStructureElement;

export interface Face {
  readonly weight: Weight;
  readonly size: number;
  readonly tone?: Tone | 'dim';
}

export interface CanvasOptions {
  readonly paper: PaperSize;
  readonly title: string;
  readonly language: string;
  readonly madeAt: Date;
  /** Writes a text in Latin letters, for scripts that the font does not have. */
  spell(text: string): string;
}

/** Dark enough for a black-and-white printer. */
const COLOURS: Readonly<Record<Tone | 'dim' | 'plain', string>> = {
  plain: '#111111',
  dim: '#555555',
  good: '#14532d',
  bad: '#8b0000',
  unknown: '#5c3d00',
};
const MARGIN = 48;
/** Room for the footer below the text. */
const FOOTER = 26;
const LEADING = 1.3;

/**
 * Pages of a tagged PDF (ISO 32000-1 §14.8) on which text, rules and bands are placed. A reader
 * that speaks the page follows the structure elements; what only decorates is an artifact.
 */
export class PdfCanvas {
  readonly #doc: PDFKit.PDFDocument;
  readonly #root: Element;
  readonly #spell: (text: string) => string;
  readonly #measures: Readonly<Record<Weight, Measure>>;
  readonly left = MARGIN;
  readonly width: number;
  /** From the top of the page. */
  y = MARGIN;
  pages = 1;

  constructor({ paper, title, language, madeAt, spell }: CanvasOptions) {
    this.#doc = new PDFDocument({
      size: paper === 'letter' ? 'LETTER' : 'A4',
      margin: MARGIN,
      bufferPages: true,
      pdfVersion: '1.7',
      tagged: true,
      lang: language,
      displayTitle: true,
      // No font before those that are registered below: pdfkit would read one that it knows by
      // another name again from its bytes, for each text.
      font: '',
      info: { Title: title, Creator: 'Callpoint', CreationDate: madeAt },
    });
    this.#spell = spell;
    this.#doc.registerFont('regular', fontFile('regular')).registerFont('bold', fontFile('bold'));
    this.#measures = { regular: this.#measureOf('regular'), bold: this.#measureOf('bold') };
    this.#root = this.#doc.struct('Document');
    this.#doc.addStructure(this.#root);
    this.width = this.#doc.page.width - 2 * MARGIN;
  }

  get stream(): NodeJS.ReadableStream {
    return this.#doc;
  }

  get bottom(): number {
    return this.#doc.page.height - MARGIN - FOOTER;
  }

  /** The height of a whole empty page. */
  get pageHeight(): number {
    return this.bottom - MARGIN;
  }

  /** Begins a page if less than `height` is left. True if it did. */
  ensure(height: number): boolean {
    if (this.y + height <= this.bottom) return false;
    this.#doc.addPage();
    this.pages += 1;
    this.y = MARGIN;
    return true;
  }

  element(type: string, parent = this.#root, scope?: 'Column' | 'Row'): Element {
    // pdfkit's types leave `scope` out.
    const options = (scope === undefined ? {} : { scope }) as { readonly title?: string };
    const element = this.#doc.struct(type, options);
    parent.add(element);
    return element;
  }

  lines(text: string, width: number, { weight, size }: Face): string[] {
    const measure = this.#measures[weight];
    // Widths are measured at 1000 points, so that one cache serves all sizes.
    return brokenLines(spelled(text, measure, this.#spell), (width / size) * 1000, measure);
  }

  lineHeight({ size }: Face): number {
    return size * LEADING;
  }

  /** Writes lines below each other at a place of the page, as content of the element. */
  write(element: Element, lines: readonly string[], at: Box, face: Face): void {
    this.#tagged(element, () => this.#draw(lines, at, face));
  }

  /** The same for the eye alone: it is said elsewhere. */
  decorate(lines: readonly string[], at: Box, face: Face): void {
    this.#artifact('Pagination', () => this.#draw(lines, at, face));
  }

  /** A whole paragraph, over pages if need be. */
  paragraph(type: string, text: string, face: Face): void {
    const element = this.element(type);
    for (const line of this.lines(text, this.width, face)) {
      this.ensure(this.lineHeight(face));
      this.write(element, [line], { x: this.left, y: this.y, width: this.width }, face);
      this.y += this.lineHeight(face);
    }
    element.end();
  }

  rule(x: number, y: number, width: number, weight = 0.4): void {
    const colour = weight < 0.5 ? '#b5b5b5' : '#666666';
    this.#artifact('Layout', () => {
      this.#doc
        .moveTo(x, y)
        .lineTo(x + width, y)
        .lineWidth(weight)
        .strokeColor(colour)
        .stroke();
    });
  }

  band(y: number, height: number): void {
    this.#artifact('Layout', () => this.#doc.rect(this.left, y, this.width, height).fill('#eef0f2'));
  }

  box(x: number, y: number, width: number, height = width): void {
    this.#artifact('Layout', () => {
      this.#doc.rect(x, y, width, height).lineWidth(0.7).strokeColor('#333333').stroke();
    });
  }

  /** Numbers the pages, and ends the file. */
  end(footer: string): void {
    const face: Face = { weight: 'regular', size: 7.5, tone: 'dim' };
    const [said = ''] = this.lines(footer.replace(/\n/g, ' '), this.width - 70, face);
    for (let page = 0; page < this.pages; page += 1) {
      this.#doc.switchToPage(page);
      const y = this.#doc.page.height - MARGIN - FOOTER / 2;
      this.#artifact('Pagination', () => {
        this.#draw([said], { x: this.left, y, width: this.width - 70 }, face);
        const number = `Page ${page + 1} of ${this.pages}`;
        this.#draw([number], { x: this.left, y, width: this.width, isRight: true }, face);
      });
    }
    this.#root.end();
    this.#doc.end();
  }

  #draw(lines: readonly string[], { x, y, width, isRight = false }: Box, face: Face): void {
    const { weight, size, tone = 'plain' } = face;
    this.#doc.font(weight).fontSize(size).fillColor(COLOURS[tone]);
    for (const [at, line] of lines.entries()) {
      const shift = isRight ? width - (this.#measures[weight].width(line) * size) / 1000 : 0;
      // Without a width pdfkit breaks no lines and begins no pages of its own.
      if (line !== '') this.#doc.text(line, x + shift, y + at * this.lineHeight(face), { lineBreak: false });
    }
  }

  #tagged(element: Element, draw: () => void): void {
    const content = this.#doc.markStructureContent('Span');
    draw();
    this.#doc.endMarkedContent();
    element.add(content);
  }

  #artifact(type: 'Layout' | 'Pagination', draw: () => void): void {
    this.#doc.markContent('Artifact', { type });
    draw();
    this.#doc.endMarkedContent();
  }

  #measureOf(weight: Weight): Measure {
    const doc = this.#doc.font(weight);
    // The types leave out the font that is in use.
    const { _font: used } = doc as unknown as { readonly _font: UsedFont };
    const widths = new Map<string, number>();
    return {
      width: (text) => {
        const known = widths.get(text);
        if (known !== undefined) return known;
        const width = used.widthOfString(text, 1000);
        if (widths.size > WIDTHS_MAX) widths.clear();
        widths.set(text, width);
        return width;
      },
      has: (codePoint) => used.font.hasGlyphForCodePoint(codePoint),
    };
  }
}

/** Texts whose width is remembered. */
const WIDTHS_MAX = 20_000;

interface UsedFont {
  widthOfString(text: string, size: number): number;
  readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
}

/** A place on the page, points. `isRight`: the lines end at its right edge. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly isRight?: boolean;
}
