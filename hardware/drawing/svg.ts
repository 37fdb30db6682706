import { type Box, type DrawnSheet, type DrawnWire, FONT, layOut, ROW, SMALL, textWidth, wrap } from './layout.ts';
import { COLOURS, type Colour, type Wiring } from './wiring-file.ts';

const MARGIN = 20;
const LINE = 18;

/** The whole page's drawings, one below the other. The same data gives the same bytes. */
export function drawSvg(wiring: Wiring): string {
  let number = 1;
  const sheets = wiring.sheets.map((sheet) => {
    const drawn = layOut(wiring, sheet, number);
    number += sheet.wires.length;
    return { sheet, drawn };
  });
  const width = Math.max(560, ...sheets.map(({ drawn }) => drawn.width)) + 2 * MARGIN;
  const characters = Math.floor(((width - 2 * MARGIN) / textWidth('m'.repeat(100), FONT)) * 100);
  const body: string[] = [];
  let y = MARGIN;
  const write = (line: string, weight = '') => {
    body.push(text(MARGIN, y + 14, line, { size: FONT, weight }));
    y += LINE;
  };
  for (const line of wrap(wiring.title, characters)) write(line, 'bold');
  for (const line of wrap(legend(wiring), characters)) write(line);
  for (const { sheet, drawn } of sheets) {
    y += 14;
    for (const line of wrap(sheet.title, characters)) write(line, 'bold');
    y += 8;
    body.push(`<g transform="translate(${MARGIN} ${y})">`, ...drawSheet(drawn), '</g>');
    y += drawn.height + 12;
    for (const note of sheet.notes) for (const line of wrap(`• ${note}`, characters)) write(line);
  }
  const height = y + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans Mono, Menlo, Consolas, Liberation Mono, monospace" fill="#111">`,
    `<title>${escaped(wiring.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...body,
    '</svg>',
    '',
  ].join('\n');
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

/** A coloured line in a dark one, so that white and yellow show on paper too. */
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
