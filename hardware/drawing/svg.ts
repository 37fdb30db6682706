import { type Box, type DrawnSheet, type DrawnWire, FONT, layOut, ROW, SMALL, textWidth, wrap } from './layout.ts';
import { COLOURS, type Colour, type Sheet, type Wiring } from './wiring-file.ts';

const MARGIN = 20;
const LINE = 18;

/** An A4 sheet is this much higher than wide, inside its margins. */
const A4 = 1.4;

/** Draws as many A4 sheets as needed. The same data gives the same bytes. */
export function drawSvgs(wiring: Wiring): string[] {
  let number = 1;
  const sheets = wiring.sheets.map((sheet) => {
    const drawn = layOut(wiring, sheet, number);
    number += sheet.wires.length;
    return { sheet, drawn };
  });
  const width = Math.max(560, ...sheets.map(({ drawn }) => drawn.width)) + 2 * MARGIN;
  const pages: Lines[] = [];
  for (const { sheet, drawn } of sheets) {
    const last = pages.at(-1);
    const added = last?.copy();
    added?.sheet(sheet, drawn);
    if (added !== undefined && added.height <= width * A4) {
      pages[pages.length - 1] = added;
      continue;
    }
    const fresh = new Lines(width);
    fresh.write(pages.length === 0 ? wiring.title : `${wiring.title}, sheet ${pages.length + 1}`, 'bold');
    fresh.write(legend(wiring));
    fresh.sheet(sheet, drawn);
    pages.push(fresh);
  }
  return pages.map((page) => page.svg(wiring.title));
}

/** One sheet of paper, filled from the top. */
class Lines {
  readonly #width: number;
  readonly #characters: number;
  #body: string[] = [];
  #y = MARGIN;

  constructor(width: number) {
    this.#width = width;
    this.#characters = Math.floor(((width - 2 * MARGIN) / textWidth('m'.repeat(100), FONT)) * 100);
  }

  get height(): number {
    return this.#y + MARGIN;
  }

  copy(): Lines {
    const copy = new Lines(this.#width);
    copy.#body = [...this.#body];
    copy.#y = this.#y;
    return copy;
  }

  write(content: string, weight = ''): void {
    for (const line of wrap(content, this.#characters)) {
      this.#body.push(text(MARGIN, this.#y + 14, line, { size: FONT, weight }));
      this.#y += LINE;
    }
  }

  sheet({ title, notes }: Sheet, drawn: DrawnSheet): void {
    this.#y += 14;
    this.write(title, 'bold');
    this.#y += 8;
    this.#body.push(`<g transform="translate(${MARGIN} ${this.#y})">`, ...drawSheet(drawn), '</g>');
    this.#y += drawn.height + 12;
    for (const note of notes) this.write(`• ${note}`);
  }

  svg(title: string): string {
    const [width, height] = [this.#width, this.height];
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans Mono, Menlo, Consolas, Liberation Mono, monospace" fill="#111">`,
      `<title>${escaped(title)}</title>`,
      `<rect width="${width}" height="${height}" fill="#fff"/>`,
      ...this.#body,
      '</svg>',
      '',
    ].join('\n');
  }
}

function legend(wiring: Wiring): string {
  const used = new Set(wiring.sheets.flatMap(({ wires }) => wires.map(([, , colour]) => colour)));
  const names = (Object.keys(COLOURS) as Colour[])
    .filter((colour) => used.has(colour))
    .map((colour) => `${colour} ${COLOURS[colour].name}`);
  return `Each wire has its number and colour at both ends: ${names.join(', ')}. A dot joins; a crossing without a dot does not.`;
}

function drawSheet(sheet: DrawnSheet): string[] {
  return [
    ...sheet.wires.map(drawWire),
    ...sheet.junctions.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="3.6"/>`),
    ...sheet.boxes.flatMap(drawBox),
    ...sheet.labels.map(({ x, y, text: label, anchor }) => text(x, y, label, { size: SMALL, anchor })),
  ];
}

/** Draws a coloured line within a dark one, so that white and yellow are visible on paper too. */
function drawWire({ colour, from, to, trackX }: DrawnWire): string {
  const path = `M${from.x} ${from.y}H${trackX}V${to.y}H${to.x}`;
  return `<path d="${path}" fill="none" stroke="#111" stroke-width="4"/><path d="${path}" fill="none" stroke="${COLOURS[colour].stroke}" stroke-width="2"/>`;
}

function drawBox({ x, y, width, height, heading, pins }: Box): string[] {
  const top = height - pins.length * ROW;
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#fff" stroke="#111" stroke-width="1.5"/>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${top}" fill="#eee" stroke="#111" stroke-width="1.5"/>`,
    ...heading.map((line, i) =>
      text(x + 8, y + 17 + i * 16, line, i === 0 ? { size: FONT, weight: 'bold' } : { size: SMALL }),
    ),
    ...pins.flatMap(({ pin, name, y: middle }, i) => [
      ...(i === 0 ? [] : [`<path d="M${x} ${middle - ROW / 2}h${width}" stroke="#bbb"/>`]),
      `<text x="${x + 8}" y="${middle + 4.5}" font-size="${FONT}" xml:space="preserve"><tspan font-weight="bold">${escaped(pin)}</tspan>${escaped(`  ${name}`)}</text>`,
    ]),
  ];
}

function text(
  x: number,
  y: number,
  content: string,
  how: { readonly size: number; readonly weight?: string; readonly anchor?: 'start' | 'end' },
): string {
  const weight = how.weight ? ` font-weight="${how.weight}"` : '';
  const anchor = how.anchor === 'end' ? ' text-anchor="end"' : '';
  return `<text x="${x}" y="${y}" font-size="${how.size}"${weight}${anchor}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
