import { parse } from 'yaml';
import * as z from 'zod';

/** Colour codes of IEC 60757, with what a screen draws them in. */
export const COLOURS = {
  BK: { name: 'black', stroke: '#111111' },
  BN: { name: 'brown', stroke: '#8b4a1c' },
  RD: { name: 'red', stroke: '#d62222' },
  OG: { name: 'orange', stroke: '#f28c1b' },
  YE: { name: 'yellow', stroke: '#f4d31f' },
  GN: { name: 'green', stroke: '#1f9a3c' },
  BU: { name: 'blue', stroke: '#2468d6' },
  VT: { name: 'violet', stroke: '#8a3fc4' },
  GY: { name: 'grey', stroke: '#9a9a9a' },
  WH: { name: 'white', stroke: '#ffffff' },
} as const;

export type Colour = keyof typeof COLOURS;

/**
 * Settings of an input or device in `site.yaml` that the installer sets with a cable, a switch or a
 * label.
 */
const settings = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]));

const pin = z.strictObject({
  name: z.string(),
  /** The part of `site.yaml` on the pin: `device/button`, `device/button cut`, or an output. */
  for: z.string().optional(),
});

const part = z.strictObject({
  name: z.string(),
  /** What to buy. */
  type: z.string(),
  /** Short text for the drawing, if `type` is too long for a box. */
  mark: z.string().optional(),
  /** Input or device of `site.yaml` that this is. */
  is: z.string().optional(),
  settings: settings.optional(),
  /** Resistors only; tolerance in per cent. */
  ohms: z.number().positive().optional(),
  tolerance: z.number().positive().optional(),
  watts: z.number().positive().optional(),
  pins: z.record(z.string(), z.union([z.string(), pin])),
});

const wire = z.tuple([z.string(), z.string(), z.enum(Object.keys(COLOURS) as [Colour, ...Colour[]]), z.string()]);

const sheet = z.strictObject({
  title: z.string(),
  columns: z.array(z.array(z.string())),
  wires: z.array(wire),
  notes: z.array(z.string()).default([]),
});

const ref = z.string();

/**
 * Circuits whose values are computed: each is a table on the page, and the test computes it again.
 */
const circuit = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('digitalContact'),
    volts: z.number(),
    pullUp: ref,
    series: ref,
    internalPullOhms: z.tuple([z.number(), z.number()]),
    lowVolts: z.number(),
    highVolts: z.number(),
  }),
  z.strictObject({
    kind: z.literal('optocoupler'),
    volts: z.tuple([z.number(), z.number()]),
    ledVolts: z.tuple([z.number(), z.number()]),
    series: ref,
    pullUp: ref,
    pinVolts: z.number(),
    internalPullOhms: z.tuple([z.number(), z.number()]),
    transferPercent: z.number(),
    loopOhms: z.number(),
  }),
  z.strictObject({
    kind: z.literal('windowComparator'),
    volts: z.number(),
    pullUp: ref,
    endOfLine: ref,
    divider: z.tuple([ref, ref, ref]),
    loopOhms: z.number(),
    offsetVolts: z.number(),
  }),
  z.strictObject({
    kind: z.literal('analogueLoop'),
    at: z.string(),
    volts: z.number(),
    bits: z.number(),
    pullUp: ref,
    endOfLine: ref,
    alarm: ref.optional(),
    loopOhms: z.number(),
    /** Limits between the states, of the supply: two, or three of a double loop. */
    bands: z.array(z.number()).min(2).max(3),
  }),
  z.strictObject({
    kind: z.literal('led'),
    volts: z.number(),
    ledVolts: z.number(),
    resistor: ref,
    limitMilliamps: z.number(),
  }),
  z.strictObject({
    kind: z.literal('bias'),
    volts: z.tuple([z.number(), z.number()]),
    pair: z.tuple([ref, ref]),
    terminators: z.tuple([ref, ref]),
    unitLoads: z.number(),
  }),
  z.strictObject({
    kind: z.literal('supplyDrop'),
    volts: z.number(),
    nodeVolts: z.number(),
    milliamps: z.array(z.number()),
    metres: z.array(z.number()),
    mm2: z.number(),
  }),
]);

const wiring = z.strictObject({
  title: z.string(),
  parts: z.record(z.string(), part),
  sheets: z.array(sheet).min(1),
  circuits: z.array(circuit).default([]),
});

export type Wiring = z.output<typeof wiring>;
export type Part = z.output<typeof part>;
export type Sheet = z.output<typeof sheet>;
export type Circuit = z.output<typeof circuit>;

interface Resistor {
  readonly ohms: number;
  readonly tolerance: number;
  readonly watts: number;
}

/**
 * @throws Error that says what is wrong: a wire to a pin that no part has, a part that is not drawn
 */
export function readWiring(text: string): Wiring {
  const read = wiring.parse(parse(text));
  const drawn = new Set(read.sheets.flatMap(({ columns }) => columns.flat()));
  for (const id of Object.keys(read.parts)) {
    if (!drawn.has(id)) throw new Error(`part ${id} is in no drawing`);
  }
  for (const { title, wires, columns } of read.sheets) {
    for (const end of wires.flatMap((wire) => wire.slice(0, 2))) {
      const { part, pin } = endOf(end);
      if (partOf(read, part).pins[pin] === undefined) throw new Error(`${part} has no pin ${pin}`);
      if (!columns.flat().includes(part)) throw new Error(`${part} is wired, but not drawn, in: ${title}`);
    }
  }
  return read;
}

/** `X1.11`: pin 11 of part X1. */
export function endOf(end: string): { readonly part: string; readonly pin: string } {
  const dot = end.indexOf('.');
  if (dot < 1) throw new Error(`"${end}" is not part.pin`);
  return { part: end.slice(0, dot), pin: end.slice(dot + 1) };
}

export function partOf(wiring: Wiring, id: string): Part {
  const part = wiring.parts[id];
  if (part === undefined) throw new Error(`there is no part ${id}`);
  return part;
}

export function pinOf(part: Part, id: string): { readonly name: string; readonly for?: string | undefined } {
  const pin = part.pins[id];
  if (pin === undefined) throw new Error(`${part.name} has no pin ${id}`);
  return typeof pin === 'string' ? { name: pin } : pin;
}

export function resistorOf(wiring: Wiring, id: string): Resistor {
  const { ohms, tolerance, watts } = partOf(wiring, id);
  if (ohms === undefined || tolerance === undefined || watts === undefined) throw new Error(`${id} is no resistor`);
  return { ohms, tolerance, watts };
}

/** `4.7 kΩ`. */
export function ohmsText(ohms: number): string {
  return ohms >= 1000 ? `${Number((ohms / 1000).toFixed(3))} kΩ` : `${ohms} Ω`;
}
