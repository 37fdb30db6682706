import type { Face, PdfCanvas } from './pdf-canvas.ts';
import type { Label } from './printout.ts';

const COLUMNS = 3;
const GAP = 9;
const PAD = 8;
/** 34 mm. */
const HEIGHT_MIN = 96;
const TITLE: Face = { weight: 'bold', size: 20 };
const NAME: Face = { weight: 'bold', size: 11 };
const LINE: Face = { weight: 'regular', size: 9.5 };

type Part = readonly [lines: readonly string[], face: Face];

/** Draws labels in rows. No label is split between two pages. */
export async function drawLabels(
  canvas: PdfCanvas,
  labels: readonly Label[],
  pause: () => Promise<void>,
): Promise<void> {
  const width = (canvas.width - (COLUMNS - 1) * GAP) / COLUMNS;
  const inner = width - 2 * PAD;
  const partsOf = ({ title, name, lines }: Label): readonly Part[] => [
    [canvas.lines(title, inner, TITLE), TITLE],
    ...(name === '' ? [] : [[canvas.lines(name, inner, NAME), NAME] as const]),
    ...lines.map((line) => [canvas.lines(line, inner, LINE), LINE] as const),
  ];
  for (let from = 0; from < labels.length; from += COLUMNS) {
    const row = labels.slice(from, from + COLUMNS).map(partsOf);
    const heights = row.map((parts) => parts.reduce((sum, part) => sum + heightOf(canvas, part), 2 * PAD));
    const height = Math.max(HEIGHT_MIN, ...heights);
    canvas.ensure(height);
    for (const [at, parts] of row.entries())
      drawLabel(canvas, parts, { x: canvas.left + at * (width + GAP), width, height });
    canvas.y += height + GAP;
    await pause();
  }
}

function heightOf(canvas: PdfCanvas, [lines, face]: Part): number {
  return lines.length * canvas.lineHeight(face);
}

function drawLabel(
  canvas: PdfCanvas,
  parts: readonly Part[],
  { x, width, height }: { readonly x: number; readonly width: number; readonly height: number },
): void {
  canvas.box(x, canvas.y, width, height);
  const element = canvas.element('P');
  let y = canvas.y + PAD;
  for (const part of parts) {
    const [lines, face] = part;
    canvas.write(element, lines, { x: x + PAD, y, width: width - 2 * PAD }, face);
    y += heightOf(canvas, part);
  }
  element.end();
}
