import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contact, GpioRig, relay } from './gpio-rig.ts';

let rig: GpioRig;
let seen: string[];

beforeEach(() => {
  rig = new GpioRig();
  seen = [];
  rig.chip.onOutput((line, level) => {
    seen.push(`${line}=${level}`);
    rig.sink.check();
  });
});

afterEach(() => rig.close());

describe('outputs', () => {
  it('are off from the first moment, switch both ways, and are off again after stop', async () => {
    const driver = await rig.open({ outputs: [relay('siren', 'GPIO5'), relay('strobe', 'GPIO6', true)] });
    expect(seen).toEqual(['GPIO5=0', 'GPIO6=1']);
    driver.output('siren', true);
    driver.output('strobe', true);
    driver.output('siren', false);
    driver.output('siren', true);
    driver.output('nobody', true);
    expect(seen.slice(2)).toEqual(['GPIO5=1', 'GPIO6=0', 'GPIO5=0', 'GPIO5=1']);
    await driver.stop();
    expect(seen.slice(6)).toEqual(['GPIO5=0', 'GPIO6=1']);
    expect(rig.chip.held.size).toBe(0);
  });

  it.each([
    [false, ['GPIO13=0', 'GPIO13=1', 'GPIO13=0']],
    [true, ['GPIO13=1', 'GPIO13=0', 'GPIO13=1']],
  ])('light an LED and put it out (active low: %s)', async (activeLow, levels) => {
    const outputs = [{ id: 'led', pin: 'GPIO13', type: 'led', activeLow }] as const;
    const driver = await rig.open({ contacts: [], outputs });
    driver.output('led', true);
    driver.output('led', false);
    expect(seen).toEqual(levels);
  });

  it('keep their level through edges, re-reads and other outputs', async () => {
    const driver = await rig.open({ rereadMs: 5, outputs: [relay('siren', 'GPIO5'), relay('strobe', 'GPIO6')] });
    driver.output('siren', true);
    rig.chip.drive('GPIO17', 0);
    driver.output('strobe', true);
    driver.output('strobe', false);
    await rig.untilTold(17, 5);
    expect(rig.chip.level('GPIO5')).toBe(1);
  });

  it('do nothing while the chip is away, and are off when it is back, until told again', async () => {
    const driver = await rig.open({ outputs: [relay('siren', 'GPIO5')] });
    driver.output('siren', true);
    rig.chip.unplug();
    // A write detects it before the event loop can.
    driver.output('siren', true);
    expect(rig.sink.states).toEqual(['up', 'down']);
    driver.output('siren', true);
    const before = seen.length;
    rig.chip.replug();
    await rig.sink.until('back', () => rig.sink.states.length === 3);
    expect(seen.slice(before)).toEqual(['GPIO5=0']);
    driver.output('siren', true);
    expect(seen.slice(before)).toEqual(['GPIO5=0', 'GPIO5=1']);
  });

  it('of a chip without contacts: its loss is found by the slow tick', async () => {
    await rig.open({ rereadMs: 20, contacts: [], outputs: [relay('siren', 'GPIO5')] });
    rig.chip.unplug();
    await rig.sink.until('down', () => rig.sink.states.includes('down'));
  });

  it('and contacts on one pin: the contact works, and the output is told not to', async () => {
    await rig.open({ contacts: [contact(17)], outputs: [relay('siren', 'GPIO17'), relay('strobe', 'GPIO6')] });
    const detail = `GPIO17 is used twice`;
    expect(rig.sink.healths[0]?.outputFaults).toEqual([{ output: 'siren', detail: expect.stringContaining(detail) }]);
    expect([...rig.chip.held.keys()]).toEqual(['GPIO6', 'GPIO17']);
  });

  it('on a line in use are told, leave the others working, and join with the level they should have', async () => {
    rig.chip.occupy('GPIO6', 'gpioset');
    const driver = await rig.open({ outputs: [relay('siren', 'GPIO5'), relay('strobe', 'GPIO6')] });
    const detail = 'GPIO6 is in use by "gpioset"';
    expect(rig.sink.healths[0]?.outputFaults).toEqual([{ output: 'strobe', detail: expect.stringContaining(detail) }]);
    driver.output('siren', true);
    driver.output('strobe', true);
    expect(seen).toEqual(['GPIO5=0', 'GPIO5=1']);
    rig.chip.free('GPIO6');
    await rig.sink.until('the strobe', () => seen.length > 2);
    expect(seen.slice(2)).toEqual(['GPIO6=1']);
    await rig.sink.until('its end', () => rig.sink.healths.length === 2);
    expect(rig.sink.healths[1]).toEqual({
      input: 'header',
      state: 'up',
      detail: expect.stringMatching(/lines held: 3$/),
    });
  });
});
