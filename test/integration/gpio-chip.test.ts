import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contact, GpioRig, HEADER_LINES, LABEL, relay } from './gpio-rig.ts';
import { probed } from './support/probes.ts';

let rig: GpioRig;

beforeEach(() => {
  rig = new GpioRig();
});

afterEach(() => rig.close());

function descriptors(): number {
  return fs.readdirSync('/proc/self/fd').length;
}

/** Waits until the driver has reported that it is down. Returns its text. */
async function downDetail(): Promise<string> {
  await rig.sink.until('down', () => rig.sink.states.includes('down'));
  return rig.sink.healths.find(({ state }) => state === 'down')?.detail ?? '';
}

describe('the chip is found', () => {
  it('by its device file', async () => {
    await rig.open();
    expect(rig.sink.healths).toEqual([
      { input: 'header', state: 'up', detail: `${rig.path} (${LABEL}), lines held: 1` },
    ]);
    expect(rig.chip.held).toEqual(new Map([['GPIO17', 'callpoint']]));
  });

  it('by its label', async () => {
    const second = rig.plug(20, 'expander', HEADER_LINES);
    await rig.open({ chip: 'expander' });
    expect(second.held.has('GPIO17')).toBe(true);
    expect(rig.chip.held.size).toBe(0);
  });

  it('by the lines that are named, if neither is configured', async () => {
    const second = rig.plug(20, 'expander', ['', 'RELAY1', 'IN1']);
    rig.makeWithoutChip({ contacts: [contact(1, { pin: 'IN1' })], outputs: [relay('strobe', 'RELAY1')] }).start();
    await rig.sink.until('up', () => rig.sink.states.includes('up'));
    expect([...second.held.keys()]).toEqual(['RELAY1', 'IN1']);
  });
});

it('an input without lines is up on the chip of the header', async () => {
  rig.makeWithoutChip({ contacts: [] }).start();
  await rig.sink.until('up', () => rig.sink.states.length > 0);
  expect(rig.sink.healths).toEqual([{ input: 'header', state: 'up', detail: `${rig.path} (${LABEL}), lines held: 0` }]);
});

describe('what is wrong is told in words, and mended when it is no longer so:', () => {
  it('the chip is not there', async () => {
    rig.chip.unplug();
    rig.make().start();
    expect(await downDetail()).toContain(`${rig.path} is not there`);
    rig.chip.replug();
    await rig.untilTold(17, 1);
    expect(rig.sink.states).toEqual(['down', 'up']);
  });

  it('no chip bears the label', async () => {
    rig.make({ chip: 'pinctrl-bcm2711' }).start();
    expect(await downDetail()).toBe(
      `no GPIO chip is labelled "pinctrl-bcm2711"; this machine has ${rig.path} (${LABEL}), ${rig.directory}/gpiochip10 (gpio-brcmstb@107d508500), ${rig.directory}/gpiochip11 (gpio-brcmstb@107d508520), ${rig.directory}/gpiochip12 (gpio-brcmstb@107d517c00), ${rig.directory}/gpiochip13 (gpio-brcmstb@107d517c20)`,
    );
  });

  it('no chip has any of the lines', async () => {
    rig.makeWithoutChip({ contacts: [contact(1, { pin: 'IN1' })] }).start();
    expect(await downDetail()).toContain(`no GPIO chip has a line IN1; this machine has ${rig.path} (${LABEL}), `);
  });

  it('no line that the chip has', async () => {
    rig.make({ contacts: [contact(99), contact(98)] }).start();
    expect(await downDetail()).toContain(
      `${rig.path} (${LABEL}): there is no line GPIO99, GPIO98: the chip has GPIO0 to GPIO53, also called ID_SDA, `,
    );
    expect(rig.chip.held.size).toBe(0);
  });

  it('lines all of which others hold, and who', async () => {
    rig.chip.occupy('GPIO17', 'gpiomon');
    rig.chip.occupy('GPIO27', 'spi0 CS0');
    rig.make({ contacts: [contact(27, { pull: 'down' }), contact(17)] }).start();
    const detail = await downDetail();
    expect(detail).toContain(`${rig.path} (${LABEL}): GPIO27 is in use by "spi0 CS0": `);
    expect(detail).toContain('GPIO17 is in use by "gpiomon": stop that program');
    rig.chip.free('GPIO17');
    await rig.untilTold(17, 1);
    expect(rig.sink.states).toEqual(['down', 'up']);
  });

  it('a file that is no chip', async () => {
    const path = join(rig.directory, 'notes.txt');
    fs.writeFileSync(path, '');
    rig.make({ chip: path }).start();
    expect(await downDetail()).toBe(`${path} is not a GPIO chip`);
  });

  it.skipIf(process.getuid?.() === 0)('a chip this user may not open', async () => {
    fs.chmodSync(rig.path, 0);
    rig.make().start();
    expect(await downDetail()).toContain('group "gpio"');
  });
});

describe('a chip that is unplugged', () => {
  it('is told once, and comes back with its levels read and its edges heard', async () => {
    await rig.open({ rereadMs: 50 });
    rig.chip.unplug();
    expect(await downDetail()).toContain('went away');
    await probed(rig.path, 2, 'openSync');
    expect(rig.sink.states).toEqual(['up', 'down']);
    rig.chip.drive('GPIO17', 0);
    rig.chip.replug();
    await rig.sink.until('its level', () => rig.states(17).includes('active'));
    expect(rig.sink.states).toEqual(['up', 'down', 'up']);
    rig.chip.drive('GPIO17', 'open');
    await rig.sink.until('an edge', () => rig.states(17).at(-1) === 'normal');
  });

  it('has told every edge made before', async () => {
    await rig.open();
    rig.chip.drive('GPIO17', 0);
    rig.chip.drive('GPIO17', 'open');
    rig.chip.unplug();
    await downDetail();
    expect(rig.states(17)).toEqual(['normal', 'active', 'normal']);
  });

  it('leaves no descriptor open, however often it comes and goes', async () => {
    const driver = await rig.open({
      contacts: [contact(17), contact(27, { pull: 'down' })],
      outputs: [relay('r', 'GPIO5')],
    });
    const before = descriptors();
    for (let round = 1; round <= 3; round++) {
      rig.chip.unplug();
      rig.chip.replug();
      await rig.sink.until('back', () => rig.sink.states.filter((state) => state === 'up').length === round + 1);
    }
    expect(descriptors()).toBe(before);
    await driver.stop();
  });
});

describe('stop', () => {
  it('frees every line at once and leaves no descriptor open', async () => {
    // The libraries, and the files that they keep open, are loaded once.
    await (await rig.open()).stop();
    expect(rig.chip.held.size).toBe(0);
    const before = descriptors();
    const driver = await rig.open({
      contacts: [contact(17), contact(27, { pull: 'down' })],
      outputs: [relay('r', 'GPIO5')],
    });
    await rig.untilTold(27, 1);
    expect(rig.chip.held.size).toBe(3);
    await driver.stop();
    expect(rig.chip.held.size).toBe(0);
    expect(descriptors()).toBe(before);
    rig.chip.drive('GPIO17', 0);
    await new Promise(setImmediate);
    expect(rig.states(17)).not.toContain('active');
  });

  it('before the chip is there, or before the driver is up, is all the same', async () => {
    const driver = rig.make();
    driver.start();
    await driver.stop();
    expect(rig.chip.held.size).toBe(0);
    rig.chip.unplug();
    const waiting = rig.make();
    waiting.start();
    await downDetail();
    await waiting.stop();
  });
});
