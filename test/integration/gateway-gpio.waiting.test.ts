import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PI_CHIPS } from '../../device-sim/gpio/pi-chips.ts';
import { type PluggedChip, plugGpioChip } from '../../device-sim/gpio/plug-chip.ts';
import type { SmallSite } from './support/small-site.ts';
import { WholeGateway } from './support/whole-gateway.ts';

const [HEADER] = PI_CHIPS['Pi 4'];

describe('a header with a button on a line that SPI holds', () => {
  let whole: WholeGateway;
  let chip: PluggedChip;

  /** Buttons on GPIO17 in room 101 and on GPIO8 in room 102; a relay on GPIO7. */
  function wire({ file, directory }: SmallSite): void {
    const path = join(directory, 'gpiochip0');
    chip = plugGpioChip({ path, label: HEADER.label, lines: HEADER.lines });
    chip.occupy('GPIO7', 'spi0 CS1');
    chip.occupy('GPIO8', 'spi0 CS0');
    const site = readFileSync(file, 'utf8');
    const button = (number: number, pin: string) => `  - id: pull-${number}
    input: header
    location: A/1/${number}
    heartbeatSeconds: 1
    buttons: [{ id: button-1, kind: medical, zone: ${800 + number}, pin: ${pin}, contact: normallyOpen }]
    points: [{ id: door, type: doorContact, zone: ${600 + number}, pin: GPIO${number - 80}, contact: normallyClosed }]
`;
    const wired = site
      .replace('inputs:\n', `inputs:\n  - { id: header, driver: gpio, chip: ${path}, rereadSeconds: 1 }\n`)
      .replace(
        'devices:\n',
        `outputs: [{ id: strobe, input: header, pin: GPIO7, type: relay, shows: alarm }]\ndevices:\n${button(101, 'GPIO17')}${button(102, 'GPIO8')}`,
      );
    writeFileSync(file, wired);
  }

  beforeAll(async () => {
    whole = await WholeGateway.start({ prepare: wire });
    await whole.ready();
  });

  afterAll(async () => {
    await whole.stop();
    chip.unplug();
  });

  /** Others may come: a disk of the machine that stalls is a trouble of the journal. */
  const troublesOfHeader = () => whole.troublesDisplayed.filter((text) => /pull-102|strobe/.test(text)).sort();

  const alarmsOf = (device: string) =>
    whole.receiver.displayed.filter(({ reportId = '' }) => reportId.startsWith(`${device}.`));

  test('is one trouble with room, line and user for the button, and one for the relay', async () => {
    await whole.receiver.until(() => troublesOfHeader().length >= 2);
    expect(troublesOfHeader()).toEqual([
      expect.stringMatching(
        /^UT Device fault: pull-102, Main building, First floor, Rm 102 Office: button-1 can't be read \(\S+\)$/,
      ),
      expect.stringMatching(/^YX Output strobe can't be switched \(\S+\)$/),
    ]);
    const mend = 'remove dtparam=spi=on from config.txt';
    expect(whole.details).toContainEqual(expect.stringContaining(`GPIO8 is in use by "spi0 CS0": ${mend}`));
    expect(whole.details).toContainEqual(expect.stringContaining(`GPIO7 is in use by "spi0 CS1": ${mend}`));
  });

  test('and the press on the other line is an alert', async () => {
    chip.drive('GPIO17', 0);
    await whole.receiver.until(() => alarmsOf('pull-101').length > 0);
    chip.drive('GPIO17', 'open');
  });

  test('and both troubles are restored when the lines are free, and the button presses', async () => {
    chip.free('GPIO7');
    chip.free('GPIO8');
    await whole.receiver.until(() => troublesOfHeader().length >= 4);
    expect(troublesOfHeader().map((text) => text.split(' ')[0])).toEqual(['UJ', 'UT', 'YX', 'YZ']);
    chip.drive('GPIO8', 0);
    await whole.receiver.until(() => alarmsOf('pull-102').length > 0);
    expect(alarmsOf('pull-101')).toHaveLength(1);
    // The alert stands: the strobe, which could not be switched when it was raised, is on.
    expect(chip.level('GPIO7')).toBe(1);
  });
});
