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

  breakWires(device: SimulatedDevice, contact: SimulatedContact, how: 'cut' | 'short'): void {
    this.#line.drive(Number(device.address), Number(contact.pin), how === 'short');
  }

  lose(device: SimulatedDevice, isLost: boolean): void {
    this.#line.fault(Number(device.address), { hangs: isLost });
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

  /** Polls come many times a second: an answer is told when it differs from the one before. */
  onNotice(listener: (text: string, isToGateway: boolean) => void): void {
    const last = new Map<string, string>();
    this.#line.onAnswer((request, answer) => {
      const [key, text] = describeAnswer(request, answer);
      if (last.get(key) === text) return;
      last.set(key, text);
      listener(`${key}: ${text}`, true);
    });
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

/** What was asked, and what was answered (Modbus Application Protocol V1.1b3 §6). */
function describeAnswer(request: Uint8Array, answer: Uint8Array): readonly [request: string, answer: string] {
  const [address = 0, code = 0] = request;
  const view = new DataView(request.buffer, request.byteOffset);
  const key = `module ${address} function ${code} from ${view.getUint16(2)}`;
  if ((answer[1] ?? 0) >= EXCEPTION) return [key, `exception ${answer[2]}`];
  const data = [...answer.subarray(3, -2)].map((byte) => byte.toString(2).padStart(8, '0'));
  return [key, code <= READ_MAX ? data.join(' ') : 'written'];
}

/** Bit of the function code that marks an exception. */
const EXCEPTION = 0x80;
/** Functions up to this one read. */
const READ_MAX = 4;

function moduleOf(device: SimulatedDevice): ModbusModuleSettings {
  const { table = 'discreteInputs', firstAddress = 0, inputsPerRegister = 16 } = device;
  const map = { table, firstAddress, inputsPerRegister };
  return { address: Number(device.address), inputs: device.inputCount ?? inputsOf(device), map };
}

function inputsOf({ buttons, points }: SimulatedDevice): number {
  return Math.max(USUAL_INPUTS, ...[...buttons, ...points].map(({ pin }) => Number(pin) + 1));
}
