import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PI_5_LINES, PI_CHIPS, RP1 } from '../../device-sim/gpio/pi-chips.ts';
import { type PluggedChip, plugGpioChip } from '../../device-sim/gpio/plug-chip.ts';
import type { ContactReading, ContactState, Signal, SignalBody } from '../../gateway/core/signal.ts';
import { createGpioDriver, type GpioDriver } from '../../gateway/inputs/gpio/driver.ts';
import type { GpioSettings } from '../../gateway/inputs/gpio/settings.ts';
import type { WiredContact, WiredOutput } from '../../gateway/inputs/wired-contact.ts';
import { RecordingSink } from './support/recording-sink.ts';

export const LABEL = RP1;

/** Line names of a Pi's header. The first two have other names there. */
export const HEADER_LINES = PI_5_LINES.slice(0, 28);

export type PiBoard = keyof typeof PI_CHIPS;
export const PI_BOARDS = Object.keys(PI_CHIPS) as PiBoard[];

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

/** A directory with the chips of a board in it, and as many drivers as a test needs. */
export class GpioRig {
  readonly directory = fs.mkdtempSync(join(tmpdir(), 'callpoint-gpio-'));
  readonly sink = new RecordingSink();
  /** The chip of the header. */
  readonly chip: PluggedChip;
  readonly #others: PluggedChip[] = [];
  readonly #drivers: GpioDriver[] = [];

  constructor(board: PiBoard = 'Pi 5') {
    for (const { number, label, lines } of PI_CHIPS[board]) this.plug(number, label, lines);
    const at = PI_CHIPS[board].findIndex(({ label }) => label.startsWith('pinctrl-'));
    const [chip] = this.#others.splice(at, 1);
    if (chip === undefined) throw new Error(`a ${board} has no header`);
    this.chip = chip;
  }

  get path(): string {
    return this.chip.path;
  }

  get label(): string {
    return this.chip.label;
  }

  /** Plugs in a further chip. */
  plug(number: number, label: string, lines: readonly string[]): PluggedChip {
    const chip = plugGpioChip({ path: join(this.directory, `gpiochip${number}`), label, lines });
    this.#others.push(chip);
    return chip;
  }

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

  /** Returns the fault that was last told of the device of a contact, if one stands. */
  fault(number: number): Extract<SignalBody, { type: 'fault' }> | undefined {
    const faults = this.sink.signals.flatMap(({ device, body }) =>
      device === `pull-${number}` && body.type === 'fault' ? [body] : [],
    );
    const last = faults.at(-1);
    return last?.detail === undefined ? undefined : last;
  }

  async untilTold(number: number, count: number): Promise<void> {
    await this.sink.until(`${count} readings of contact ${number}`, () => this.told(number).length >= count);
  }

  async close(): Promise<void> {
    for (const driver of this.#drivers) await driver.stop();
    for (const chip of [this.chip, ...this.#others]) chip.unplug();
    fs.rmSync(this.directory, { recursive: true });
  }
}
