import { ModbusLine } from '../modbus/modbus-line.ts';
import type { ModbusModuleSettings } from '../modbus/modbus-module.ts';
import { type ContactBoard, isClosed } from './contact-wire.ts';
import type { SimulatedContact, SimulatedDevice, SimulatedInput } from './site-file.ts';
import { TerminalPlug } from './terminal-plug.ts';

const STRANGER_ADDRESSES: readonly number[] = Array.from({ length: 247 }, (_, at) => (at + 41) % 247 || 247);
const USUAL_BAUD = 38_400;
/** Number of a module's inputs, unless the configuration names a higher input. */
const USUAL_INPUTS = 8;

/** The modules of a Modbus line, on a pseudo-terminal at the path of the configured port. */
export class ModbusBoard implements ContactBoard {
  readonly #line: ModbusLine;
  readonly #plug: TerminalPlug;
  #stranger: number | undefined;
  #isStrangerOn = false;

  constructor(input: SimulatedInput, seed: number) {
    const modules = input.devices.map(moduleOf);
    this.#line = new ModbusLine({ modules, baudRate: input.baudRate ?? USUAL_BAUD, seed });
    this.#plug = new TerminalPlug(input.port, this.#line);
  }

  set(device: SimulatedDevice, contact: SimulatedContact, active: boolean): void {
    this.#line.drive(Number(device.address), Number(contact.pin), isClosed(contact, active));
  }

  /** One, at an address that is free. Each press changes its first input. */
  stranger(): void {
    if (this.#stranger === undefined) {
      const taken = this.#line.modules.map(({ address }) => address);
      this.#stranger = STRANGER_ADDRESSES.find((each) => !taken.includes(each)) ?? 0;
      this.#line.join({ address: this.#stranger });
    }
    this.#isStrangerOn = !this.#isStrangerOn;
    this.#line.drive(this.#stranger, 0, this.#isStrangerOn);
  }

  unplug(): void {
    this.#plug.unplug();
  }

  replug(): void {
    this.#plug.replug();
  }

  noise(bytes: Uint8Array): void {
    this.#line.noise(bytes);
  }

  stop(): void {
    this.#line.stop();
    this.#plug.stop();
  }
}

function moduleOf(device: SimulatedDevice): ModbusModuleSettings {
  const { table = 'discreteInputs', firstAddress = 0, inputsPerRegister = 16 } = device;
  const map = { table, firstAddress, inputsPerRegister };
  return { address: Number(device.address), inputs: device.inputCount ?? inputsOf(device), map };
}

function inputsOf({ buttons, points }: SimulatedDevice): number {
  return Math.max(USUAL_INPUTS, ...[...buttons, ...points].map(({ pin }) => Number(pin) + 1));
}
