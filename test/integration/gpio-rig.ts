import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PluggedChip, plugGpioChip } from '../../device-sim/gpio/plug-chip.ts';
import type { ContactReading, ContactState, Signal } from '../../gateway/core/signal.ts';
import { createGpioDriver, type GpioDriver } from '../../gateway/inputs/gpio/driver.ts';
import type { GpioSettings } from '../../gateway/inputs/gpio/settings.ts';
import type { WiredContact, WiredOutput } from '../../gateway/inputs/wired-contact.ts';
import { RecordingSink } from './support/recording-sink.ts';

export const LABEL = 'pinctrl-rp1';

/** Line names of a Pi's header. The first two have other names there. */
export const HEADER_LINES = ['ID_SDA', 'ID_SCL', ...Array.from({ length: 26 }, (_, index) => `GPIO${index + 2}`)];

export function contact(number: number, wired: Partial<WiredContact> = {}): WiredContact {
  return {
    device: `pull-${number}`,
    of: 'button',
    number,
    pin: `GPIO${number}`,
    contact: 'normallyOpen',
    pull: 'up',
    ...wired,
  };
}

export function relay(id: string, pin: string, activeLow = false): WiredOutput {
  return { id, pin, type: 'relay', activeLow };
}

/** A directory with a chip in it, and as many drivers as a test needs. */
export class GpioRig {
  readonly directory = fs.mkdtempSync(join(tmpdir(), 'callpoint-gpio-'));
  readonly path = join(this.directory, 'gpiochip0');
  readonly sink = new RecordingSink();
  readonly chip: PluggedChip = plugGpioChip({ path: this.path, label: LABEL, lines: HEADER_LINES });
  readonly #drivers: GpioDriver[] = [];

  make(settings: Partial<GpioSettings> = {}): GpioDriver {
    return this.makeWithoutChip({ chip: this.path, ...settings });
  }

  /** Makes a driver that has to find the chip, unless the settings name it. */
  makeWithoutChip(settings: Partial<GpioSettings>): GpioDriver {
    const usual = { driver: 'gpio', id: 'header', rereadMs: 60_000, contacts: [contact(17)], outputs: [] } as const;
    const driver = createGpioDriver({ ...usual, ...settings }, this.sink, this.directory);
    this.#drivers.push(driver);
    return driver;
  }

  /** Starts a driver and waits until it has reported every contact once. */
  async open(settings: Partial<GpioSettings> = {}): Promise<GpioDriver> {
    const driver = this.make(settings);
    driver.start();
    await this.sink.until('the chip', () => this.sink.states.includes('up'));
    return driver;
  }

  /** Returns what was reported for a contact. */
  told(number: number): (Signal & { readonly body: ContactReading })[] {
    return this.sink.signals.flatMap((signal) => {
      const { body } = signal;
      return body.type === 'contact' && body.number === number ? [{ ...signal, body }] : [];
    });
  }

  states(number: number): ContactState[] {
    return this.told(number).map(({ body }) => body.state);
  }

  async untilTold(number: number, count: number): Promise<void> {
    await this.sink.until(`${count} readings of contact ${number}`, () => this.told(number).length >= count);
  }

  async close(): Promise<void> {
    for (const driver of this.#drivers) await driver.stop();
    this.chip.unplug();
    fs.rmSync(this.directory, { recursive: true });
  }
}
