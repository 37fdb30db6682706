import { ModbusLine } from '../modbus/modbus-line.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../pty/pseudo-terminal.ts';
import { type ContactBoard, isClosed } from './contact-wire.ts';
import { linkedPath } from './linked-path.ts';
import type { SimulatedContact, SimulatedDevice, SimulatedInput } from './site-file.ts';

const USUAL_BAUD = 38_400;
/** Inputs of a module, unless the configuration names a higher one. */
const USUAL_INPUTS = 8;

/** The modules of a Modbus line, on a pseudo-terminal where the configuration says the port is. */
export class ModbusBoard implements ContactBoard {
  readonly #port: string;
  readonly #line: ModbusLine;
  #terminal: PseudoTerminal;

  constructor(input: SimulatedInput, seed: number) {
    this.#port = linkedPath(input.port);
    const modules = input.devices.map((device) => ({ address: Number(device.address), inputs: inputsOf(device) }));
    this.#line = new ModbusLine({ modules, baudRate: input.baudRate ?? USUAL_BAUD, seed });
    this.#terminal = this.#plug();
  }

  set(device: SimulatedDevice, contact: SimulatedContact, active: boolean): void {
    this.#line.drive(Number(device.address), Number(contact.pin), isClosed(contact, active));
  }

  unplug(): void {
    this.#line.detach();
    this.#terminal.close();
  }

  replug(): void {
    this.#terminal = this.#plug();
  }

  noise(bytes: Uint8Array): void {
    this.#line.noise(bytes);
  }

  stop(): void {
    this.#line.stop();
    this.#terminal.close();
  }

  #plug(): PseudoTerminal {
    const terminal = openPseudoTerminal();
    terminal.link(this.#port);
    this.#line.attach(terminal);
    return terminal;
  }
}

function inputsOf({ buttons, points }: SimulatedDevice): number {
  return Math.max(USUAL_INPUTS, ...[...buttons, ...points].map(({ pin }) => Number(pin) + 1));
}
