import { orderTracks } from './tracks.ts';
import { type Colour, endOf, ohmsText, type Part, partOf, pinOf, type Sheet, type Wiring } from './wiring-file.ts';

/**
 * Widths are exact because the drawing's font is monospaced: 0.602 em a character in every common
 * one.
 */
export const FONT = 13;
export const SMALL = 11;
const CHARACTER = 0.602;
/**
 * Distance between two pins of a box. Neighbouring columns are offset by half of it, so that no two
 * wires ever run in one line.
 */
export const ROW = 24;
const TRACK = 12;
const PAD = 8;
const HEADING_LINE = 16;

interface Port {
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly heading: readonly string[];
  /** `y`: middle of the row. */
  readonly pins: readonly { readonly pin: string; readonly name: string; readonly y: number }[];
}

export interface DrawnWire {
  readonly colour: Colour;
  readonly from: Port;
  readonly to: Port;
  readonly trackX: number;
}

interface PortLabel extends Port {
  readonly text: string;
  readonly anchor: 'start' | 'end';
}

export interface DrawnSheet {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly wires: readonly DrawnWire[];
  readonly labels: readonly PortLabel[];
  /** Points at which the wires of one pin separate. */
  readonly junctions: readonly Port[];
}

/** One end of a wire: the side of its box, and the distance from the top. */
interface End {
  readonly part: string;
  readonly pin: string;
  readonly column: number;
  readonly side: 'left' | 'right';
}

interface Run {
  readonly number: number;
  readonly colour: Colour;
  /** The space right of this column. */
  readonly channel: number;
  readonly ends: readonly [End, End];
}

type Standing = Omit<Box, 'x'>;

/** @param firstNumber number of the sheet's first wire */
export function layOut(wiring: Wiring, sheet: Sheet, firstNumber: number): DrawnSheet {
  const runs = sheet.wires.map(([from, to, colour], i) => {
    const ends = facing(columnEnd(sheet, from), columnEnd(sheet, to), sheet.columns.length - 1);
    return { ...ends, colour, number: firstNumber + i };
  });
  const standing = stand(wiring, sheet, runs);
  const boxes: Box[] = [];
  const parts: Pick<DrawnSheet, 'wires' | 'labels' | 'junctions'>[] = [];
  let x = 1;
  for (const [column, ids] of sheet.columns.entries()) {
    const inColumn = ids.map((id) => standing.get(id) ?? missing(id));
    const width = Math.max(...inColumn.map((box) => box.width));
    boxes.push(...inColumn.map((box) => ({ ...box, x, width })));
    x += width;
    const inside = runs.filter(({ channel }) => channel === column);
    if (inside.length === 0) continue;
    const channel = drawChannel(inside, standing, x);
    parts.push(channel);
    x += channel.width;
  }
  return {
    width: x + 1,
    height: Math.max(...boxes.map(({ y, height }) => y + height)) + 1,
    boxes,
    wires: parts.flatMap(({ wires }) => wires),
    labels: parts.flatMap(({ labels }) => labels),
    junctions: parts.flatMap(({ junctions }) => junctions),
  };
}

export function textWidth(text: string, size: number): number {
  return Math.ceil([...text].length * CHARACTER * size);
}

/** Breaks at spaces. */
export function wrap(text: string, characters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= characters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function columnEnd(sheet: Sheet, text: string): Omit<End, 'side'> {
  const { part, pin } = endOf(text);
  return { part, pin, column: sheet.columns.findIndex((ids) => ids.includes(part)) };
}

/** Returns the sides of the two boxes that face each other. */
function facing(one: Omit<End, 'side'>, other: Omit<End, 'side'>, last: number): Pick<Run, 'channel' | 'ends'> {
  const [a, b] = one.column <= other.column ? [one, other] : [other, one];
  if (a.column === b.column) {
    const side = a.column === last ? 'left' : 'right';
    const ends = [
      { ...a, side },
      { ...b, side },
    ] as const;
    return { channel: side === 'right' ? a.column : a.column - 1, ends };
  }
  if (b.column - a.column > 1) throw new Error(`a wire from ${a.part} to ${b.part} would cross a column of parts`);
  return {
    channel: a.column,
    ends: [
      { ...a, side: 'right' },
      { ...b, side: 'left' },
    ],
  };
}

/**
 * Places every box on the page from top to bottom, as near as possible to the boxes it is wired to
 * on its left.
 */
function stand(wiring: Wiring, sheet: Sheet, runs: readonly Run[]): ReadonlyMap<string, Standing> {
  const standing = new Map<string, Standing>();
  const used = new Set(sheet.wires.flatMap((wire) => wire.slice(0, 2)));
  for (const [column, ids] of sheet.columns.entries()) {
    let free = (column % 2) * (ROW / 2);
    for (const id of ids) {
      const box = makeBox(id, partOf(wiring, id), (pin) => used.has(`${id}.${pin}`));
      const wanted = runs.flatMap(({ ends: [left, right] }) => {
        const neighbour = right.part === id ? standing.get(left.part) : undefined;
        if (neighbour === undefined || left.part === id) return [];
        return [pinY(neighbour, left.pin) - pinY(box, right.pin)];
      });
      const mean = wanted.reduce((sum, y) => sum + y, 0) / Math.max(wanted.length, 1);
      const y = free + Math.max(0, Math.round((mean - free) / ROW)) * ROW;
      standing.set(id, { ...box, y, pins: box.pins.map((pin) => ({ ...pin, y: pin.y + y })) });
      free = y + Math.ceil((box.height + ROW) / ROW) * ROW;
    }
  }
  return standing;
}

/** At the top of the page. */
function makeBox(id: string, part: Part, isUsed: (pin: string) => boolean): Standing {
  const pins = Object.keys(part.pins).filter(isUsed);
  const names = pins.map((pin) => `${pin}  ${pinOf(part, pin).name}`);
  const title = `${id} ${part.name}`;
  const rows = Math.max(150, textWidth(title, FONT) + 2 * PAD, ...names.map((name) => textWidth(name, FONT) + 2 * PAD));
  const width = Math.min(rows, 330);
  const about =
    part.ohms === undefined ? (part.mark ?? part.type) : `${ohmsText(part.ohms)} ±${part.tolerance} % ${part.watts} W`;
  const heading = [title, ...wrap(about, Math.floor(((width - 2 * PAD) / textWidth('m'.repeat(100), SMALL)) * 100))];
  const top = Math.ceil((heading.length * HEADING_LINE + 6) / ROW) * ROW;
  return {
    id,
    y: 0,
    width,
    heading,
    height: top + pins.length * ROW,
    pins: pins.map((pin, i) => ({ pin, name: pinOf(part, pin).name, y: top + i * ROW + ROW / 2 })),
  };
}

function pinY(box: Standing, pin: string): number {
  return box.pins.find((own) => own.pin === pin)?.y ?? missing(`${box.id}.${pin}`);
}

function drawChannel(
  inside: readonly Run[],
  standing: ReadonlyMap<string, Standing>,
  x: number,
): Pick<DrawnSheet, 'wires' | 'labels' | 'junctions'> & { readonly width: number } {
  const yOf = ({ part, pin }: End) => pinY(standing.get(part) ?? missing(part), pin);
  const atPort = new Map<string, { end: End; y: number; numbers: number[]; colours: Set<Colour> }>();
  for (const { number, colour, ends } of inside) {
    for (const end of ends) {
      const key = `${end.part}.${end.pin}.${end.side}`;
      const port = atPort.get(key) ?? { end, y: yOf(end), numbers: [], colours: new Set<Colour>() };
      port.numbers.push(number);
      port.colours.add(colour);
      atPort.set(key, port);
    }
  }
  const labelsOf = (side: End['side']) => [...atPort.values()].filter(({ end }) => end.side === side);
  const widest = (side: End['side']) =>
    Math.max(2 * PAD, ...labelsOf(side).map((port) => textWidth(labelText(port), SMALL) + PAD));
  const left = widest('right');
  const tracks = orderTracks(inside.map(({ ends: [a, b] }) => ({ from: yOf(a), to: yOf(b), sides: [a.side, b.side] })));
  const right = x + left + inside.length * TRACK + widest('left');
  const wires = inside.map(({ colour, ends }, i) => {
    const [from, to] = ends.map((end) => ({ x: end.side === 'right' ? x : right, y: yOf(end) }));
    if (from === undefined || to === undefined) throw new Error('a wire has two ends');
    return { colour, from, to, trackX: x + left + (tracks[i] ?? 0) * TRACK + TRACK / 2 };
  });
  const labels = [...atPort.values()].map(({ end, y, ...port }) => ({
    text: labelText(port),
    y: y - 3,
    ...(end.side === 'right' ? { x: x + 4, anchor: 'start' as const } : { x: right - 4, anchor: 'end' as const }),
  }));
  return { wires, labels, junctions: junctionsOf(wires, right), width: right - x };
}

function labelText({ numbers, colours }: { numbers: readonly number[]; colours: ReadonlySet<Colour> }): string {
  return `${numbers.join('·')} ${[...colours].join('/')}`;
}

/**
 * If several wires leave one pin, each but the farthest leaves the common line at its own track.
 */
function junctionsOf(wires: readonly DrawnWire[], right: number): Port[] {
  const byPort = new Map<string, { readonly port: Port; readonly tracks: number[] }>();
  for (const { from, to, trackX } of wires) {
    for (const port of [from, to]) {
      const entry = byPort.get(`${port.x} ${port.y}`) ?? { port, tracks: [] };
      entry.tracks.push(trackX);
      byPort.set(`${port.x} ${port.y}`, entry);
    }
  }
  return [...byPort.values()].flatMap(({ port, tracks }) => {
    const nearestLast = tracks.sort((a, b) => (port.x === right ? a - b : b - a));
    return nearestLast.slice(1).map((x) => ({ x, y: port.y }));
  });
}

function missing(what: string): never {
  throw new Error(`there is no ${what} in this drawing`);
}
