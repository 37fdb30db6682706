import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usageError } from '../errors.ts';
import type { Level } from '../gpio/gpio-chip.ts';
import { PI_5_LINES, RP1 } from '../gpio/pi-chips.ts';
import { RemoteChip } from '../gpio/remote-chip.ts';
import { type ContactBoard, isClosed } from './contact-wire.ts';
import { isEmptyFile, whyNotAt } from './simulated-place.ts';
import type { SimulatedContact, SimulatedDevice, SimulatedInput } from './site-file.ts';
import type { GatewayNeeds } from './wire.ts';

/**
 * Contacts on the header of a Raspberry Pi 5. The chip is at the path in the configuration, in the
 * process that is started with `gatewayNeeds`.
 */
export class GpioBoard implements ContactBoard {
  readonly #chip: RemoteChip;
  readonly ready: Promise<void>;

  /**
   * @throws RangeError if the configuration does not name the chip; CallpointError USAGE where a
   * real one may be
   */
  constructor({ id, chip }: SimulatedInput) {
    if (!chip?.startsWith('/')) throw new RangeError(`input ${id} has no path of a chip: give it one to simulate it`);
    const problem = whyNotAt(chip, isEmptyFile);
    if (problem !== undefined) throw usageError(problem);
    // A socket's path must be short. The chip's path may be long.
    const name = createHash('sha256').update(chip).digest('hex').slice(0, 16);
    const socketPath = join(tmpdir(), `callpoint-gpio-${name}.sock`);
    this.#chip = new RemoteChip({ socketPath, chipPath: chip, label: RP1, lines: PI_5_LINES });
    this.ready = this.#chip.open();
  }

  get gatewayNeeds(): GatewayNeeds {
    const { nodeArguments, environment } = this.#chip;
    return { nodeArguments, environment };
  }

  set(_device: SimulatedDevice, contact: SimulatedContact, active: boolean): void {
    const { pin, cutPin, contact: wiring, pull } = contact;
    if (wiring === 'endOfLine') {
      // The comparator has open-collector outputs: low means pressed, or cut.
      this.#drive(pin, active ? 0 : 1);
      this.#drive(cutPin, 1);
      return;
    }
    // A contact connects to ground with a pull-up, or to the supply with a pull-down.
    const closedLevel = pull === 'down' ? 1 : 0;
    this.#drive(pin, isClosed(contact, active) ? closedLevel : opposite(closedLevel));
  }

  onNotice(listener: (text: string, isToGateway: boolean) => void): void {
    this.#chip.onOutput((line, level) => listener(`${line} is driven ${level === 1 ? 'high' : 'low'}`, false));
  }

  /**
   * The comparator of an end-of-line loop shows a cut on its other output, and a short as a press.
   */
  breakWires(_device: SimulatedDevice, { pin, cutPin, contact, pull }: SimulatedContact, how: 'cut' | 'short'): void {
    if (contact === 'endOfLine') {
      this.#drive(pin, how === 'cut' ? 1 : 0);
      this.#drive(cutPin, how === 'cut' ? 0 : 1);
      return;
    }
    const closedLevel = pull === 'down' ? 1 : 0;
    this.#drive(pin, how === 'short' ? closedLevel : opposite(closedLevel));
  }

  unplug(): void {
    this.#chip.unplug();
  }

  replug(): void {
    this.#chip.replug();
  }

  stop(): void {
    this.#chip.close().catch((error: unknown) => process.stderr.write(`gpio: ${String(error)}\n`));
  }

  /** Drives a line as the configuration names it. */
  drive(pin: string, level: Level): void {
    this.#drive(pin, level);
  }

  #drive(pin: string | undefined, level: Level): void {
    if (pin !== undefined) this.#chip.drive(/^\d+$/.test(pin) ? `GPIO${pin}` : pin, level);
  }
}

function opposite(level: Level): Level {
  return level === 0 ? 1 : 0;
}
