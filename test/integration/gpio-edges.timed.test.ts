import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContactState } from '../../gateway/core/signal.ts';
import type { WiredContact } from '../../gateway/inputs/wired-contact.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { contact, GpioRig, HEADER_LINES } from './gpio-rig.ts';

let rig: GpioRig;

beforeEach(() => {
  rig = new GpioRig();
});

afterEach(() => rig.close());

function spin(ms: number): void {
  const untilMs = monoMs() + ms;
  while (monoMs() < untilMs);
}

describe('edges', () => {
  it('a press of 1 ms gives both its edges, each with the time the kernel took', async () => {
    await rig.open();
    const downMs = monoMs();
    rig.chip.drive('GPIO17', 0);
    spin(1);
    const upMs = monoMs();
    rig.chip.drive('GPIO17', 'open');
    const afterMs = monoMs();
    await rig.untilTold(17, 3);
    const [first, down, up] = rig.told(17);
    expect(first?.body.state).toBe('normal');
    expect(down).toMatchObject({ input: 'header', device: 'pull-17', authenticated: false });
    expect(down?.body).toEqual({ type: 'contact', of: 'button', number: 17, state: 'active' });
    expect(up?.body.state).toBe('normal');
    expect(down?.capturedMs).toBeGreaterThanOrEqual(downMs);
    expect(down?.capturedMs).toBeLessThan(upMs);
    expect(up?.capturedMs).toBeGreaterThanOrEqual(upMs);
    expect(up?.capturedMs).toBeLessThanOrEqual(afterMs);
  });

  it('made while the event loop stands still all arrive, in order and with their own times', async () => {
    await rig.open();
    const made: { beforeMs: number; afterMs: number; state: ContactState }[] = [];
    for (let index = 0; index < 200; index++) {
      const active = index % 2 === 0;
      const beforeMs = monoMs();
      rig.chip.drive('GPIO17', active ? 0 : 'open');
      made.push({ beforeMs, afterMs: monoMs(), state: active ? 'active' : 'normal' });
      spin(0.1);
    }
    await rig.untilTold(17, 201);
    const told = rig.told(17).slice(1);
    expect(told.map(({ body }) => body.state)).toEqual(made.map(({ state }) => state));
    for (const [index, { beforeMs, afterMs }] of made.entries()) {
      expect(told[index]?.capturedMs).toBeGreaterThanOrEqual(beforeMs);
      expect(told[index]?.capturedMs).toBeLessThanOrEqual(afterMs);
    }
  });

  it('of every line of a header arrive, each for its own contact', async () => {
    const numbers = HEADER_LINES.slice(2).map((_, index) => index + 2);
    await rig.open({ contacts: numbers.map((number) => contact(number)) });
    for (const number of numbers) rig.chip.drive(`GPIO${number}`, 0);
    await rig.sink.until('all presses', () => numbers.every((number) => rig.states(number).includes('active')));
    for (const number of numbers) expect(rig.states(number)).toEqual(['normal', 'active']);
  });

  it('that the kernel had no room for are known to be lost, and the levels are read', async () => {
    const driver = await rig.open({ contacts: [contact(17), contact(27)] });
    const heardBefore = rig.told(27).length;
    // The press of 27 is the oldest: the bouncing of 17 pushes it out of the kernel's 1,024.
    rig.chip.drive('GPIO27', 0);
    for (let index = 0; index < 1_100; index++) rig.chip.drive('GPIO17', index % 2 === 0 ? 0 : 'open');
    await rig.untilTold(27, heardBefore + 1);
    expect(rig.states(27).at(-1)).toBe('active');
    expect(driver.counters()).toMatchObject({ framesHeard: 1_024, edgesLost: 77, bytesRead: 1_024 * 48 });
    await rig.untilTold(17, 1_026);
    expect(rig.states(17).at(-1)).toBe('normal');
  });

  it('that made no interrupt are healed by the slow tick, which tells every contact anew', async () => {
    await rig.open({ rereadMs: 20, contacts: [contact(17), contact(27)] });
    rig.chip.driveUnnoticed('GPIO17', 0);
    await rig.sink.until('the healed edge', () => rig.states(17).includes('active'));
    const count = rig.told(27).length;
    await rig.untilTold(27, count + 2);
    expect(new Set(rig.states(27))).toEqual(new Set(['normal']));
  });

  it('and levels are told in the order they happened, whatever waits when the levels are read', async () => {
    await rig.open({ rereadMs: 1 });
    for (let round = 0; round < 50; round++) {
      rig.chip.drive('GPIO17', 0);
      spin(1.5);
      rig.chip.drive('GPIO17', 'open');
      await new Promise(setImmediate);
    }
    await rig.sink.until('all edges', () => rig.told(17).length > 100 && rig.states(17).at(-1) === 'normal');
    const times = rig.told(17).map(({ capturedMs }) => capturedMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

describe('wiring', () => {
  const PRESSED = { normallyOpen: 'active', normallyClosed: 'normal' } as const;
  const cases: [WiredContact['contact'] & keyof typeof PRESSED, WiredContact['pull'], 0 | 1][] = [
    ['normallyOpen', 'up', 0],
    ['normallyOpen', 'down', 1],
    ['normallyOpen', 'none', 0],
    ['normallyClosed', 'up', 0],
    ['normallyClosed', 'down', 1],
    ['normallyClosed', 'none', 0],
  ];

  it.each(cases)('%s with pull %s: closed is level %i', async (wiring, pull, closed) => {
    const released = wiring === 'normallyOpen' ? 'normal' : 'active';
    // Without a pull, the external resistor holds the line.
    const open = pull === 'none' ? 1 : 'open';
    rig.chip.drive('GPIO17', open);
    await rig.open({ contacts: [contact(17, { contact: wiring, pull })] });
    rig.chip.drive('GPIO17', closed);
    rig.chip.drive('GPIO17', open);
    await rig.untilTold(17, 3);
    expect(rig.states(17)).toEqual([released, PRESSED[wiring], released]);
  });

  it('end of line: pressed, cut and both are told apart, on two lines of a window comparator', async () => {
    await rig.open({ contacts: [contact(22, { contact: 'endOfLine', cutPin: 'GPIO23' })] });
    for (const [line, drive] of [
      ['GPIO22', 0],
      ['GPIO22', 'open'],
      ['GPIO23', 0],
      ['GPIO22', 0],
      ['GPIO22', 'open'],
      ['GPIO23', 'open'],
    ] as const) {
      rig.chip.drive(line, drive);
    }
    await rig.untilTold(22, 7);
    expect(rig.states(22)).toEqual(['normal', 'active', 'normal', 'cut', 'active', 'cut', 'normal']);
  });

  it('a contact that is active before the gateway starts is told so at once', async () => {
    rig.chip.drive('GPIO17', 0);
    await rig.open();
    expect(rig.states(17)).toEqual(['active']);
  });
});

it('from the edge at the chip to the signal takes no more than the turn of an event loop', async () => {
  await rig.open();
  const delays: number[] = [];
  rig.sink.onSignal = ({ capturedMs }) => delays.push(monoMs() - capturedMs);
  for (let index = 0; index < 1_000; index++) {
    rig.chip.drive('GPIO17', index % 2 === 0 ? 0 : 'open');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await rig.untilTold(17, 1_001);
  delays.sort((a, b) => a - b);
  const [p50 = Infinity, p99 = Infinity] = [delays[499], delays[989]];
  const { GPIO_FIGURES } = process.env;
  if (GPIO_FIGURES !== undefined) {
    console.log(`edge to signal, ms: p50 ${p50.toFixed(3)}, p99 ${p99.toFixed(3)}, max ${delays.at(-1)?.toFixed(3)}`);
  }
  expect(p50).toBeLessThan(5);
});
