import { table } from './markdown-table.ts';
import { type Circuit, ohmsText, resistorOf, type Wiring } from './wiring-file.ts';

type CircuitOf<K extends Circuit['kind']> = Extract<Circuit, { kind: K }>;

/**
 * Values that a multimeter shows, computed from the resistors, with the least and the most by their
 * tolerances.
 */
export function valueTables(wiring: Wiring): string {
  return wiring.circuits.map((circuit) => valueTable(wiring, circuit)).join('\n\n');
}

function valueTable(wiring: Wiring, circuit: Circuit): string {
  switch (circuit.kind) {
    case 'digitalContact':
      return digitalContact(wiring, circuit);
    case 'optocoupler':
      return optocoupler(wiring, circuit);
    case 'windowComparator':
      return windowComparator(wiring, circuit);
    case 'analogueLoop':
      return analogueLoop(wiring, circuit);
    case 'led':
      return led(wiring, circuit);
    case 'bias':
      return bias(wiring, circuit);
    case 'supplyDrop':
      return supplyDrop(circuit);
  }
}

const volts = (value: number): string => `${value.toFixed(2)} V`;
const milliamps = (value: number): string => `${(value * 1000).toFixed(1)} mA`;

function range(values: readonly number[], unit: (value: number) => string): string {
  const [least, most] = [unit(Math.min(...values)), unit(Math.max(...values))];
  return least === most ? least : `${least} … ${most}`;
}

/** Smallest, nominal and greatest value. */
function spread(wiring: Wiring, id: string): readonly [number, number, number] {
  const { ohms, tolerance } = resistorOf(wiring, id);
  return [ohms * (1 - tolerance / 100), ohms, ohms * (1 + tolerance / 100)];
}

/** Share of the supply over the lower resistance. */
const share = (lower: number, upper: number): number => lower / (lower + upper);
const parallel = (a: number, b: number): number => (a * b) / (a + b);

/** Nominal, least and most of a divider; the cable adds to the lower part. */
function divided(
  lower: readonly [number, number, number],
  upper: readonly [number, number, number],
  cable: number,
): readonly [number, number, number] {
  return [share(lower[1], upper[1]), share(lower[0], upper[2]), share(lower[2] + cable, upper[0])];
}

function digitalContact(wiring: Wiring, c: CircuitOf<'digitalContact'>): string {
  const series = spread(wiring, c.series);
  const pin = c.internalPullOhms.flatMap((pull) => series.map((ohms) => c.volts * share(ohms, pull)));
  const wetting = spread(wiring, c.pullUp).map((ohms) => c.volts / ohms);
  return table(
    ['bare contact', 'to expect', 'must be'],
    [
      ['open, at the pin', volts(c.volts), `≥ ${volts(c.highVolts)}`],
      ['closed, at the pin (internal pull-up on)', range(pin, volts), `≤ ${volts(c.lowVolts)}`],
      ['current through the closed contact', range(wetting, milliamps), ''],
    ],
  );
}

function optocoupler(wiring: Wiring, c: CircuitOf<'optocoupler'>): string {
  const [least, , most] = spread(wiring, c.series);
  const low = (c.volts[0] - c.ledVolts[1]) / (most + c.loopOhms);
  const high = (c.volts[1] - c.ledVolts[0]) / least;
  const given = (low * c.transferPercent) / 100;
  const needed = c.pinVolts / parallel(spread(wiring, c.pullUp)[0], c.internalPullOhms[0]);
  return table(
    ['optocoupler', 'to expect', 'must be'],
    [
      ['current in the loop, contact closed', range([low, high], milliamps), '≤ 50 mA'],
      ['the transistor can take', `≥ ${milliamps(given)}`, `≥ ${milliamps(needed)}`],
      [
        'heat in the series resistor',
        `≤ ${(high ** 2 * least).toFixed(2)} W`,
        `≤ ${resistorOf(wiring, c.series).watts} W`,
      ],
      ['at the pin: contact closed, open', `< 0.30 V, ${volts(c.pinVolts)}`, ''],
    ],
  );
}

function windowComparator(wiring: Wiring, c: CircuitOf<'windowComparator'>): string {
  const pullUp = spread(wiring, c.pullUp);
  const [top, middle, bottom] = c.divider.map((id) => spread(wiring, id));
  if (top === undefined || middle === undefined || bottom === undefined) throw new Error('the divider has three parts');
  const sum = (a: typeof top, b: typeof top) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]] as const;
  const high = divided(sum(bottom, middle), top, 0).map((ratio) => ratio * c.volts);
  const low = divided(bottom, sum(top, middle), 0).map((ratio) => ratio * c.volts);
  const rest = divided(spread(wiring, c.endOfLine), pullUp, c.loopOhms).map((ratio) => ratio * c.volts);
  const pressed = pullUp.map((ohms) => c.volts * share(c.loopOhms, ohms));
  const row = (what: string, values: readonly number[], must: string) => [
    what,
    `${volts(values[0] ?? 0)} (${range(values, volts)})`,
    must,
  ];
  const inside = (values: readonly number[], by: number) =>
    volts(by > 0 ? Math.max(...values) + by : Math.min(...values) + by);
  return table(
    [`loop, ${ohmsText(c.loopOhms)} of cable`, 'to expect', 'must be'],
    [
      row('upper threshold', high, ''),
      row('lower threshold', low, ''),
      row('at rest', rest, `${inside(low, c.offsetVolts)} … ${inside(high, -c.offsetVolts)}`),
      ['pressed', range([0, ...pressed], volts), `≤ ${inside(low, -c.offsetVolts)}`],
      ['cut', volts(c.volts), `≥ ${inside(high, c.offsetVolts)}`],
    ],
  );
}

function analogueLoop(wiring: Wiring, c: CircuitOf<'analogueLoop'>): string {
  const pullUp = spread(wiring, c.pullUp);
  const end = spread(wiring, c.endOfLine);
  const steps = 2 ** c.bits;
  const [short, secure] = c.bands;
  const open = c.bands.at(-1);
  const row = (what: string, ratios: readonly number[], band: string) => [
    what,
    ratios.map((ratio) => volts(ratio * c.volts)).join(' … '),
    ratios.map((ratio) => Math.min(steps - 1, Math.round(ratio * steps))).join(' … '),
    band,
  ];
  const [, restLeast, restMost] = divided(end, pullUp, c.loopOhms);
  const rows = [row('at rest', [restLeast, restMost], `${short} … ${secure}`)];
  const shorted = [0, share(c.loopOhms, pullUp[0])];
  if (c.alarm === undefined) rows.push(row('pressed (or shorted)', shorted, `< ${short}`));
  else {
    const alarm = spread(wiring, c.alarm);
    const both = [end[0] + alarm[0], end[1] + alarm[1], end[2] + alarm[2]] as const;
    const [, least, most] = divided(both, pullUp, c.loopOhms);
    rows.push(row('pressed', [least, most], `${secure} … ${open}`), row('shorted', shorted, `< ${short}`));
  }
  rows.push(row('cut', [1], `> ${open}`));
  return table(
    [`${c.at}, ${ohmsText(c.loopOhms)} of cable`, 'to expect', `${c.bits}-bit value`, 'band, of the supply'],
    rows,
  );
}

function led(wiring: Wiring, c: CircuitOf<'led'>): string {
  const [least, , most] = spread(wiring, c.resistor);
  const current = [least, most].map((ohms) => (c.volts - c.ledVolts) / ohms);
  return table(
    ['LED', 'to expect', 'must be'],
    [[`current, LED of ${volts(c.ledVolts)}`, range(current, milliamps), `≤ ${c.limitMilliamps} mA`]],
  );
}

/**
 * TIA-485: a receiver detects the state of a line from 200 mV on. A unit load is 12 kΩ, and a
 * driver can drive 32.
 */
function bias(wiring: Wiring, c: CircuitOf<'bias'>): string {
  const [a, b] = c.terminators.map((id) => spread(wiring, id));
  const [up, down] = c.pair.map((id) => spread(wiring, id));
  if (!a || !b || !up || !down) throw new Error('a line has two terminators and a pair of bias resistors');
  const receivers = (2 * 12_000) / c.unitLoads;
  const line = (i: 0 | 1 | 2) => parallel(parallel(a[i], b[i]), receivers);
  const idle = (supply: number, ohms: number, pair: number) => (supply * 1000 * ohms) / (ohms + pair);
  const nominal = idle((c.volts[0] + c.volts[1]) / 2, line(1), up[1] + down[1]);
  const least = idle(c.volts[0], line(0), up[2] + down[2]);
  return table(
    ['RS-485 line', 'to expect', 'must be'],
    [
      [
        'D+ to D−, power off, modules unplugged',
        `${parallel(parallel(a[1], b[1]), up[1] + down[1]).toFixed(0)} … ${parallel(a[1], b[1]).toFixed(0)} Ω`,
        '',
      ],
      ['D+ against D−, idle, all connected', `${nominal.toFixed(0)} mV (least ${least.toFixed(0)} mV)`, '≥ 200 mV'],
      [
        'unit loads: modules and converter',
        String(c.unitLoads),
        `≤ ${Math.floor(32 - 12_000 / Math.min(up[0], down[0]))}`,
      ],
    ],
  );
}

/** Copper 0.0175 Ω mm²/m at 20 °C, there and back; all of the load at the far end. */
function supplyDrop(c: CircuitOf<'supplyDrop'>): string {
  const rows = c.metres.map((metres) => [
    `${metres} m`,
    ...c.milliamps.map((current) => {
      const left = c.volts - ((2 * metres * 0.0175) / c.mm2) * (current / 1000);
      return left >= c.nodeVolts ? `${left.toFixed(1)} V` : 'too little';
    }),
  ]);
  return table([`${c.volts} V, ${c.mm2} mm²`, ...c.milliamps.map((current) => `${current} mA`)], rows);
}
