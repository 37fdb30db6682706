import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ohmsText, resistorOf, type Wiring } from '../../../hardware/drawing/wiring-file.ts';
import { loopState } from '../../../protocol/supervised-loop.ts';
import { openPage } from './page.ts';

const HARDWARE = fileURLToPath(new URL('../../../hardware/', import.meta.url));

/** Every combination of the resistors' extremes. */
function extremes(wiring: Wiring, ...ids: string[]): number[][] {
  return ids.reduce<number[][]>(
    (all, id) => {
      const { ohms, tolerance } = resistorOf(wiring, id);
      const ends = [ohms * (1 - tolerance / 100), ohms * (1 + tolerance / 100)];
      return all.flatMap((values) => ends.map((end) => [...values, end]));
    },
    [[]],
  );
}

const v = (value: number) => `${value.toFixed(2)} V`;
const span = (values: readonly number[], text: (value: number) => string) => {
  const [least, most] = [text(Math.min(...values)), text(Math.max(...values))];
  return least === most ? least : `${least} … ${most}`;
};
const d = (n: readonly number[], i: number) => n[i] ?? Number.NaN;

describe('GPIO', () => {
  const { wiring, readme } = openPage(HARDWARE, 'gpio');

  test('the loop with 100 Ω of cable stays between the thresholds at rest, and beyond them pressed and cut', () => {
    const divider = extremes(wiring, 'R7', 'R8', 'R9').map(([top = 0, middle = 0, bottom = 0]) => {
      const all = top + middle + bottom;
      return { high: (3.3 * (middle + bottom)) / all, low: (3.3 * bottom) / all };
    });
    const loops = extremes(wiring, 'R10', 'R12');
    const rest = loops.flatMap((r) => [0, 100].map((cable) => (3.3 * (d(r, 1) + cable)) / (d(r, 0) + d(r, 1) + cable)));
    const pressed = loops.flatMap((r) => [0, 100].map((cable) => (3.3 * cable) / (d(r, 0) + cable)));
    const high = divider.map((one) => one.high);
    const low = divider.map((one) => one.low);
    // LM393: 9 mV of offset over temperature; 0.4 µA of bias current through the divider's 7.5 kΩ
    // are 3 mV, through R11 4 mV.
    const doubt = 0.009 + 0.4e-6 * 7500 + 0.4e-6 * 10_000;
    expect(Math.min(...rest)).toBeGreaterThan(Math.max(...low) + doubt);
    expect(Math.max(...rest)).toBeLessThan(Math.min(...high) - doubt);
    expect(Math.max(...pressed)).toBeLessThan(Math.min(...low) - doubt);
    expect(3.3).toBeGreaterThan(Math.max(...high) + doubt);
    for (const values of [high, low, rest, pressed]) expect(readme).toContain(span(values, v));
  });

  test("even 5 % resistors all round would do, as the loop's margin is wide", () => {
    const rest = [(3.3 * 0.95) / (0.95 + 1.05), (3.3 * (1.05 * 4700 + 100)) / (1.05 * 4700 + 100 + 0.95 * 4700)];
    expect(Math.min(...rest)).toBeGreaterThan((3.3 * 1.05) / (1.05 + 0.95 * 3) + 0.02);
    expect(Math.max(...rest)).toBeLessThan((3.3 * 0.95 * 3) / (0.95 * 3 + 1.05) - 0.02);
  });

  test('the upper threshold is within what an LM393 at 5 V compares, and would not be at 3.3 V', () => {
    const most = Math.max(
      ...extremes(wiring, 'R7', 'R8', 'R9').map((r) => (3.3 * (d(r, 1) + d(r, 2))) / (d(r, 0) + d(r, 1) + d(r, 2))),
    );
    expect(most).toBeLessThan(4.75 - 2);
    expect(most).toBeGreaterThan(3.3 - 2);
    const supply = wiring.sheets.flatMap(({ wires }) => wires).some(([from, to]) => from === 'C2.1' && to === 'U2.8');
    const fiveVolts = wiring.sheets
      .flatMap(({ wires }) => wires)
      .some(([from, to]) => from === 'X1.2' && to === 'C2.1');
    expect([supply, fiveVolts]).toEqual([true, true]);
  });

  test('a closed bare contact is a safe low level beside the internal pull-up', () => {
    const levels = extremes(wiring, 'R2').flatMap(([r = 0]) => [33_000, 73_000].map((pull) => (3.3 * r) / (r + pull)));
    expect(Math.max(...levels)).toBeLessThan(0.8);
    expect(readme).toContain(span(levels, v));
  });

  test('the optocoupler drives its pin at the least supply, and no part is overloaded at the greatest', () => {
    const [least, most] = [(10.5 - 1.4) / (2200 * 1.05 + 100), (13.8 - 1.0) / (2200 * 0.95)];
    expect(resistorOf(wiring, 'R4').ohms).toBe(2200);
    const [pullUp = 0] = extremes(wiring, 'R3').map(([r = 0]) => r);
    const needed = 3.3 / pullUp + 3.3 / 33_000;
    expect(least * 0.25).toBeGreaterThan(2 * needed);
    expect(most).toBeLessThan(0.05);
    expect(most ** 2 * 2200 * 0.95).toBeLessThan(resistorOf(wiring, 'R4').watts / 2);
    expect(readme).toContain(`${(least * 1000).toFixed(1)} mA … ${(most * 1000).toFixed(1)} mA`);
  });

  test('the LED takes no more than a pin of a Pi 4 gives', () => {
    const currents = extremes(wiring, 'R13').map(([r = 0]) => ((3.3 - 1.8) / r) * 1000);
    expect(Math.max(...currents)).toBeLessThan(8);
    expect(readme).toContain(span(currents, (ma) => `${ma.toFixed(1)} mA`));
  });
});

describe('Firmata', () => {
  const { wiring, readme } = openPage(HARDWARE, 'firmata');
  const states = ['normal', 'active', 'cut', 'short'] as const;

  test.each([0, 100])('the double loop with %i Ω of cable is read right, whatever it was before', (cable) => {
    for (const [pullUp = 0, end = 0, alarm = 0] of extremes(wiring, 'R1', 'R3', 'R4')) {
      const ratio = (ohms: number) => (ohms + cable) / (ohms + cable + pullUp);
      for (const last of [undefined, ...states]) {
        expect(loopState('doubleEndOfLine', ratio(end), last)).toBe('normal');
        expect(loopState('doubleEndOfLine', ratio(end + alarm), last)).toBe('active');
        expect(loopState('doubleEndOfLine', ratio(0), last)).toBe('short');
        expect(loopState('doubleEndOfLine', 1, last)).toBe('cut');
      }
    }
  });

  test.each([0, 100])('the single loop with %i Ω of cable is read right, whatever it was before', (cable) => {
    for (const [pullUp = 0, end = 0] of extremes(wiring, 'R5', 'R7')) {
      const ratio = (ohms: number) => (ohms + cable) / (ohms + cable + pullUp);
      for (const last of [undefined, ...states]) {
        expect(loopState('endOfLine', ratio(end), last)).toBe('normal');
        expect(loopState('endOfLine', ratio(0), last)).toBe('active');
        expect(loopState('endOfLine', 1, last)).toBe('cut');
      }
    }
  });

  test('the page shows the voltages and the 10-bit values of these resistors', () => {
    const corners = extremes(wiring, 'R1', 'R3', 'R4').flatMap((r) => [0, 100].map((cable) => [...r, cable]));
    const rest = corners.map((r) => (d(r, 1) + d(r, 3)) / (d(r, 0) + d(r, 1) + d(r, 3)));
    const pressed = corners.map((r) => (d(r, 1) + d(r, 2) + d(r, 3)) / (d(r, 0) + d(r, 1) + d(r, 2) + d(r, 3)));
    for (const ratios of [rest, pressed]) {
      expect(readme).toContain(
        `| ${span(ratios, (ratio) => v(5 * ratio))} | ${span(ratios, (ratio) => String(Math.round(ratio * 1024)))} |`,
      );
    }
  });

  test('all resistors of a loop are alike, as the bands want', () => {
    for (const ids of [
      ['R1', 'R3', 'R4'],
      ['R5', 'R7'],
    ]) {
      expect(new Set(ids.map((id) => ohmsText(resistorOf(wiring, id).ohms))).size).toBe(1);
    }
  });

  test('the LED takes no more than a pin gives; a clamped surge pushes little into the pin', () => {
    const currents = extremes(wiring, 'R9').map(([r = 0]) => ((5 - 1.8) / r) * 1000);
    expect(Math.max(...currents)).toBeLessThan(20);
    expect(readme).toContain(span(currents, (ma) => `${ma.toFixed(1)} mA`));
    // SMBJ12A clamps at 19.9 V; the pin's own diode at the supply and 0.7 V.
    expect((((19.9 - 5.7) / resistorOf(wiring, 'R2').ohms) * 1000).toFixed(1)).toBe('1.4');
    expect(readme).toContain('1.4 mA');
  });
});

describe.each(['modbus', 'button-bus'])('RS-485 line of %s', (name) => {
  const { wiring, readme } = openPage(HARDWARE, name);
  const bias = wiring.circuits.find((circuit) => circuit.kind === 'bias');

  /** Returns the voltage between the wires of an idle line, mV. */
  function idle(supply: number, terminators: readonly number[], pair: number, unitLoads: number): number {
    const conductance = terminators.reduce((sum, ohms) => sum + 1 / ohms, unitLoads / 24_000);
    return (supply * 1000) / (1 + pair * conductance);
  }

  test('rests at 200 mV or more, with both ends terminated, at the least supply and with the worst resistors', () => {
    const worst = extremes(wiring, 'R1', 'R2', 'R3', 'R4').map(([a = 0, b = 0, up = 0, down = 0]) =>
      idle(4.75, [a, b], up + down, bias?.unitLoads ?? 0),
    );
    expect(Math.min(...worst)).toBeGreaterThan(200);
    expect(readme).toContain(`(least ${Math.min(...worst).toFixed(0)} mV)`);
    expect(readme).toContain(`${idle(5, [120, 120], 1120, bias?.unitLoads ?? 0).toFixed(0)} mV (`);
  });

  test('680 Ω would not do', () => {
    expect(idle(4.75, [120, 120], 1360, bias?.unitLoads ?? 0)).toBeLessThan(200);
  });

  test('bias and devices together are no more than the 32 unit loads of a driver', () => {
    const [up = 0] = extremes(wiring, 'R3').map(([r = 0]) => r);
    const devices = Object.values(wiring.parts).filter(({ settings }) =>
      Object.hasOwn(settings ?? {}, 'address'),
    ).length;
    expect(12_000 / up + (bias?.unitLoads ?? Infinity)).toBeLessThanOrEqual(32);
    expect(bias?.unitLoads).toBeGreaterThanOrEqual(devices + 1);
  });
});

test("the button bus's table leaves every node its least voltage, and its cable the RS-485 common mode", () => {
  const { wiring, readme } = openPage(HARDWARE, 'button-bus');
  const drop = wiring.circuits.find((circuit) => circuit.kind === 'supplyDrop');
  if (drop === undefined) throw new Error('the page has no table of voltages');
  for (const metres of drop.metres) {
    const cells = drop.milliamps.map((ma) => {
      const left = drop.volts - ((metres * 2 * 0.0175) / drop.mm2) * (ma / 1000);
      if (left >= drop.nodeVolts) expect((drop.volts - left) / 2).toBeLessThanOrEqual(7);
      return left < drop.nodeVolts ? 'too little' : `${left.toFixed(1)} V`;
    });
    expect(readme).toContain(`| ${metres} m | ${cells.join(' | ')} |`);
  }
});
