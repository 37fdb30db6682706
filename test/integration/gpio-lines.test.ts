import fs from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { contact, GpioRig, PI_BOARDS, type PiBoard } from './gpio-rig.ts';

let rig: GpioRig;

afterEach(() => rig.close());

const HEADER = Array.from({ length: 28 }, (_, number) => number);

async function opened(board: PiBoard, pins: readonly string[]): Promise<void> {
  rig = new GpioRig(board);
  rig.makeWithoutChip({ contacts: pins.map((pin, number) => contact(number, { pin })) }).start();
  await rig.sink.until('the lines', () => rig.sink.states.length > 0);
}

describe('GPIOn is the line n of the header, whatever the kernel calls it:', () => {
  it.each(PI_BOARDS)('%s', async (board) => {
    await opened(
      board,
      HEADER.map((number) => `GPIO${number}`),
    );
    expect(rig.sink.healths[0]?.detail).toBe(`${rig.path} (${rig.label}), lines held: 28`);
    for (const number of HEADER) rig.chip.drive(`GPIO${number}`, 0);
    await rig.sink.until('all presses', () => HEADER.every((number) => rig.states(number).at(-1) === 'active'));
    for (const number of HEADER) expect(rig.states(number)).toEqual(['normal', 'active']);
  });

  it('a name of the kernel is the line that bears it', async () => {
    await opened('Pi 4', ['GPIO_GCLK', 'TXD1', 'TXD0']);
    expect([...rig.chip.held.keys()]).toEqual(['GPIO_GCLK', 'TXD1', 'TXD0']);
  });

  it('a name that only older kernels give is still that line', async () => {
    await opened('Pi 4, names of 2024', ['SDA1', 'SPI_CE0_N']);
    expect([...rig.chip.held.keys()]).toEqual(['GPIO2', 'GPIO8']);
  });

  it('a line that a carrier board names GPIO4 goes before line 4', async () => {
    rig = new GpioRig('CM4');
    const lines = Array.from({ length: 58 }, (_, offset) => (offset === 24 ? 'GPIO4' : ''));
    const carrier = rig.plug(7, 'pinctrl-bcm2711', lines);
    rig.make({ chip: carrier.path, contacts: [contact(4)] }).start();
    await rig.sink.until('the line', () => rig.sink.states.length > 0);
    expect([...carrier.held.keys()]).toEqual(['GPIO4']);
    carrier.drive('GPIO4', 0);
    await rig.sink.until('the press', () => rig.states(4).at(-1) === 'active');
  });

  it('the header goes before an expander with lines of the same names', async () => {
    rig = new GpioRig('Pi 5, kernel of 2023');
    const expander = rig.plug(0, 'pca9555', ['GPIO17', 'GPIO4']);
    rig.makeWithoutChip({ contacts: [contact(17), contact(4)] }).start();
    await rig.sink.until('the lines', () => rig.sink.states.length > 0);
    expect([...rig.chip.held.keys()]).toEqual(['PIN7', 'PIN11']);
    expect(expander.held.size).toBe(0);
  });

  it('on a chip that is no Pi’s, names are exact', async () => {
    rig = new GpioRig();
    const other = rig.plug(30, 'mcp23017', Array(16).fill(''));
    rig.make({ chip: other.path, contacts: [contact(4)] }).start();
    await rig.sink.until('down', () => rig.sink.states.length > 0);
    expect(rig.sink.healths[0]).toMatchObject({
      state: 'down',
      detail: `${other.path} (mcp23017): there is no line GPIO4: the chip has 16 lines, none of which has a name ("gpioinfo" lists them)`,
    });
  });

  it('two names of one line: the first has it, the second is told whose it is', async () => {
    await opened('Pi 4', ['GPIO2', 'SDA1', 'GPIO17']);
    expect(rig.fault(1)?.detail).toBe('SDA1 is line 2, which GPIO2 is already: give each contact and output its own');
    expect([rig.states(0), rig.states(1), rig.states(2)]).toEqual([['normal'], [], ['normal']]);
  });
});

describe('one bad line is one trouble:', () => {
  it('a line that SPI holds takes its own device down, and the press on another line is told', async () => {
    rig = new GpioRig('Pi 4');
    rig.chip.occupy('GPIO8', 'spi0 CS0');
    rig.makeWithoutChip({ contacts: [contact(17), contact(22), contact(8, { of: 'point' })] }).start();
    await rig.sink.until('the fault', () => rig.fault(8) !== undefined);
    expect(rig.fault(8)).toEqual({
      type: 'fault',
      detail:
        'GPIO8 is in use by "spi0 CS0": remove dtparam=spi=on from config.txt and restart the Pi, or use another line',
      unread: [{ of: 'point', number: 8 }],
    });
    expect(rig.sink.healths).toEqual([
      { input: 'header', state: 'up', detail: expect.stringContaining('lines held: 2, but GPIO8 is in use') },
    ]);
    rig.chip.drive('GPIO17', 0);
    await rig.sink.until('the press', () => rig.states(17).includes('active'));
    expect(rig.states(22)).toEqual(['normal']);
    expect([rig.fault(17), rig.fault(22)]).toEqual([undefined, undefined]);
  });

  it('a line that becomes free joins with its level, and the others keep their descriptor and their edges', async () => {
    rig = new GpioRig('Pi 4');
    rig.chip.occupy('GPIO4', 'onewire@4');
    const driver = rig.makeWithoutChip({ contacts: [contact(17), contact(4)] });
    driver.start();
    await rig.sink.until('the fault', () => rig.fault(4) !== undefined);
    rig.chip.drive('GPIO4', 0);
    rig.chip.drive('GPIO17', 0);
    rig.chip.free('GPIO4');
    rig.chip.drive('GPIO17', 'open');
    await rig.sink.until('its end', () => rig.fault(4) === undefined);
    expect(rig.states(4)).toEqual(['active']);
    await rig.untilTold(17, 3);
    expect(rig.states(17)).toEqual(['normal', 'active', 'normal']);
    expect(driver.counters()).toMatchObject({ framesHeard: 2, edgesLost: 0 });
    rig.chip.drive('GPIO4', 'open');
    await rig.untilTold(4, 2);
    expect(rig.sink.states).toEqual(['up', 'up']);
    expect(rig.sink.healths[1]?.detail).toMatch(/lines held: 2$/);
  });

  it('a line the chip has not is named, with what the chip has', async () => {
    rig = new GpioRig();
    rig.plug(20, 'expander', ['IN1', 'IN2']);
    rig.makeWithoutChip({ contacts: [contact(1, { pin: 'IN1' }), contact(9, { pin: 'IN9' })] }).start();
    await rig.sink.until('the fault', () => rig.fault(9) !== undefined);
    expect(rig.fault(9)?.detail).toBe('there is no line IN9: the chip has IN1, IN2 ("gpioinfo" lists them)');
    expect(rig.states(1)).toEqual(['normal']);
  });

  it('a line the header has not, beside a chip that cannot be asked, leaves the others working', async () => {
    rig = new GpioRig('Pi 4');
    fs.writeFileSync(join(rig.directory, 'gpiochip9'), '');
    rig.chip.occupy('GPIO8', 'spi0 CS0');
    rig.makeWithoutChip({ contacts: [contact(17), contact(8), contact(9, { pin: 'IN9' })] }).start();
    await rig.sink.until('the faults', () => rig.fault(8) !== undefined && rig.fault(9) !== undefined);
    expect(rig.fault(9)?.detail).toContain('there is no line IN9: the chip has GPIO0 to GPIO57');
    rig.chip.drive('GPIO17', 0);
    await rig.sink.until('the press', () => rig.states(17).includes('active'));
    rig.chip.free('GPIO8');
    await rig.untilTold(8, 1);
  });

  it('a line that the kernel refuses, though nobody is shown to hold it, leaves the others working', async () => {
    rig = new GpioRig();
    rig.chip.refuse('GPIO8', constants.errno.ENXIO);
    rig.chip.refuse('GPIO7', constants.errno.EBUSY);
    rig.make({ contacts: [contact(17), contact(8), contact(7), contact(22)] }).start();
    await rig.sink.until('the faults', () => rig.fault(8) !== undefined && rig.fault(7) !== undefined);
    expect(rig.fault(8)?.detail).toContain('refuses GPIO8 (ENXIO: ');
    expect(rig.fault(7)?.detail).toContain('GPIO7 is in use by another program or the kernel: ');
    rig.chip.drive('GPIO17', 0);
    rig.chip.drive('GPIO22', 0);
    await rig.untilTold(17, 2);
    await rig.untilTold(22, 2);
    expect([rig.states(17), rig.states(22)]).toEqual([
      ['normal', 'active'],
      ['normal', 'active'],
    ]);
  });

  it('a chip with more of the lines, plugged in later, takes over', async () => {
    rig = new GpioRig();
    rig.plug(20, 'expander', ['IN1']);
    rig.makeWithoutChip({ contacts: [contact(1, { pin: 'IN1' }), contact(2, { pin: 'IN2' })] }).start();
    await rig.sink.until('the fault', () => rig.fault(2) !== undefined);
    const whole = rig.plug(21, 'expander', ['IN1', 'IN2']);
    await rig.sink.until('its end', () => rig.fault(2) === undefined);
    expect([...whole.held.keys()]).toEqual(['IN1', 'IN2']);
    expect(rig.states(2)).toEqual(['normal']);
  });

  it('a fault ends with a chip that comes back with the line free', async () => {
    rig = new GpioRig();
    rig.chip.occupy('GPIO8', 'spi0 CS0');
    rig.make({ contacts: [contact(17), contact(8)] }).start();
    await rig.sink.until('the fault', () => rig.fault(8) !== undefined);
    rig.chip.unplug();
    await rig.sink.until('down', () => rig.sink.states.at(-1) === 'down');
    rig.chip.free('GPIO8');
    rig.chip.replug();
    await rig.sink.until('the end of the fault', () => rig.fault(8) === undefined);
    expect(rig.states(8)).toEqual(['normal']);
  });
});

describe('a loop whose cut line is in use', () => {
  const LOOP = contact(22, { contact: 'endOfLine', cutPin: 'GPIO8' });

  it('tells its presses and their ends, but never that the loop is whole', async () => {
    rig = new GpioRig();
    rig.chip.occupy('GPIO8', 'spi0 CS0');
    rig.make({ contacts: [LOOP], rereadMs: 20 }).start();
    await rig.sink.until('the fault', () => rig.fault(22) !== undefined);
    expect(rig.fault(22)).toMatchObject({ unread: [], detail: expect.stringContaining('nobody notices a cut cable') });
    await rig.untilTold(22, 3);
    rig.chip.drive('GPIO22', 0);
    await rig.sink.until('the press', () => rig.states(22).includes('active'));
    rig.chip.drive('GPIO22', 'open');
    await rig.sink.until('its end', () => rig.states(22).lastIndexOf('normal') > rig.states(22).lastIndexOf('active'));
    const atRest = rig.told(22).filter(({ body }) => body.state === 'normal');
    expect(atRest.filter(({ body }) => body.mayBeCut !== true)).toEqual([]);
  });

  it('is told to be cut as soon as that line is free', async () => {
    rig = new GpioRig();
    rig.chip.occupy('GPIO8', 'spi0 CS0');
    rig.make({ contacts: [LOOP] }).start();
    await rig.sink.until('the fault', () => rig.fault(22) !== undefined);
    rig.chip.drive('GPIO8', 0);
    rig.chip.free('GPIO8');
    await rig.untilTold(22, 2);
    expect(rig.told(22).map(({ body }) => [body.state, body.mayBeCut])).toEqual([
      ['normal', true],
      ['cut', undefined],
    ]);
  });

  it('and whose press line is in use is unread', async () => {
    rig = new GpioRig();
    rig.chip.occupy('GPIO22', 'gpiomon');
    rig.make({ contacts: [LOOP, contact(17)] }).start();
    await rig.sink.until('the fault', () => rig.fault(22) !== undefined);
    expect(rig.fault(22)?.unread).toEqual([{ of: 'button', number: 22 }]);
  });
});
