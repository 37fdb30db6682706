import { isIntact, sealRtu } from './rtu-frame.ts';

export interface ModbusModuleSettings {
  /** Address 1…247. */
  readonly address: number;
  /** Number of discrete inputs, from address 0. Default 8. */
  readonly inputs?: number;
  /** Number of coils, from address 0. Default 8. */
  readonly coils?: number;
  /** Number of holding registers, from address 0. Default 4. */
  readonly registers?: number;
  /** Where the module shows its inputs. Default: discrete inputs and input registers from 0. */
  readonly map?: InputTable;
  /** Time from the end of a request to the start of the answer in ms. Default 1. */
  readonly turnaroundMs?: number;
}

/** The table that shows a module's inputs, as makers lay it out. The others do not have them. */
interface InputTable {
  readonly table: 'discreteInputs' | 'coils' | 'holdingRegisters' | 'inputRegisters';
  /** Address of input 0, or of the register that holds it. Default 0. */
  readonly firstAddress?: number;
  /** Inputs in one register, input 0 in the lowest bit. Default 16. */
  readonly inputsPerRegister?: 1 | 8 | 16;
  /** The module answers a request for the whole table only. Others get exception 02. */
  readonly wholeOnly?: boolean;
  /** The module answers every request with the whole table. */
  readonly wholeAnswer?: boolean;
}

export interface ModuleFaults {
  /** The module neither hears nor answers. */
  readonly hangs: boolean;
  /** Delay of each answer in ms. */
  readonly lateMs: number;
  /** Largest random delay in addition. */
  readonly lateSpreadMs: number;
  /** Share of the answers that are late, 0…1. */
  readonly lateShare: number;
  readonly wrongCrc: boolean;
  /** Exception code that answers every request; 0 for proper answers. */
  readonly exception: number;
  /** Bytes just before each answer, as from a driver that switches on. */
  readonly leading: readonly number[];
  /** Bytes just after each answer, as from a driver that switches off. */
  readonly trailing: readonly number[];
  /** Number of the answer's last bytes that the module does not send. */
  readonly cutBytes: number;
}

const WELL: ModuleFaults = {
  hangs: false,
  lateMs: 0,
  lateSpreadMs: 0,
  lateShare: 1,
  wrongCrc: false,
  exception: 0,
  leading: [],
  trailing: [],
  cutBytes: 0,
};

const READ_FUNCTIONS = { coils: 0x01, discreteInputs: 0x02, holdingRegisters: 0x03, inputRegisters: 0x04 } as const;

const EXCEPTIONS = { function: 1, address: 2, value: 3 } as const;
type Exception = keyof typeof EXCEPTIONS;

const MAX_BITS_READ = 2_000;
const MAX_REGISTERS_READ = 125;
const MAX_COILS_WRITTEN = 1_968;
const ON = 0xff00;

/**
 * A module with dry-contact inputs and relays, which answers as MODBUS Application Protocol V1.1b3
 * demands. It has no clock.
 */
export class ModbusModule {
  readonly address: number;
  readonly turnaroundMs: number;
  readonly inputs: boolean[];
  readonly coils: boolean[];
  readonly registers: number[];
  readonly #map: InputTable | undefined;
  faults = WELL;

  constructor(settings: ModbusModuleSettings) {
    this.address = settings.address;
    this.turnaroundMs = settings.turnaroundMs ?? 1;
    this.inputs = new Array<boolean>(settings.inputs ?? 8).fill(false);
    this.coils = new Array<boolean>(settings.coils ?? 8).fill(false);
    this.registers = new Array<number>(settings.registers ?? 4).fill(0);
    this.#map = settings.map;
  }

  /**
   * Sets an input. `level` is true if current flows through it.
   * @throws RangeError if there is no such input.
   */
  drive(input: number, level: boolean): void {
    if (input >= this.inputs.length) throw new RangeError(`module ${this.address} has no input ${input}`);
    this.inputs[input] = level;
  }

  /**
   * Returns the answer to a whole frame. It is `undefined` if the frame is damaged, is for another
   * module, or is a broadcast.
   */
  answer(frame: Uint8Array): Uint8Array | undefined {
    const address = frame[0];
    if (!isIntact(frame) || this.faults.hangs || (address !== this.address && address !== 0)) return undefined;
    const request = frame.subarray(1, -2);
    const pdu = this.faults.exception === 0 ? this.#execute(request) : this.#refuse(request, this.faults.exception);
    if (address === 0) return undefined;
    const answer = sealRtu(this.address, pdu);
    if (this.faults.wrongCrc) answer[answer.length - 1] = (answer.at(-1) ?? 0) ^ 0xff;
    const sent = answer.subarray(0, answer.length - this.faults.cutBytes);
    return Uint8Array.of(...this.faults.leading, ...sent, ...this.faults.trailing);
  }

  #execute(request: Uint8Array): Uint8Array {
    const outcome = this.#outcome(request);
    return typeof outcome === 'string' ? this.#refuse(request, EXCEPTIONS[outcome]) : outcome;
  }

  #outcome(request: Uint8Array): Uint8Array | Exception {
    const first = word(request, 1);
    const second = word(request, 3);
    if (this.#map !== undefined && request[0] === READ_FUNCTIONS[this.#map.table]) {
      return this.#readMap(this.#map, request, first, second);
    }
    switch (request[0]) {
      case 0x01:
        return readBits(request, this.coils, first, second);
      case 0x02:
        return readBits(request, this.#map === undefined ? this.inputs : [], first, second);
      case 0x03:
        return readWords(request, this.registers, first, second);
      case 0x04:
        return readWords(request, this.#map === undefined ? inputWords(this.inputs, 16) : [], first, second);
      case 0x05:
        return this.#writeCoil(request, first, second);
      case 0x06:
        return this.#writeRegister(request, first, second);
      case 0x0f:
        return this.#writeCoils(request, first, second);
      default:
        return 'function';
    }
  }

  #refuse(request: Uint8Array, exception: number): Uint8Array {
    return Uint8Array.of((request[0] ?? 0) | 0x80, exception);
  }

  #readMap(map: InputTable, request: Uint8Array, first: number, count: number): Uint8Array | Exception {
    if (map.wholeAnswer === true) return this.#readMap({ ...map, wholeAnswer: false }, request, ...this.#wholeOf(map));
    const at = first - (map.firstAddress ?? 0);
    const bits = map.table === 'discreteInputs' || map.table === 'coils';
    const words = inputWords(this.inputs, map.inputsPerRegister ?? 16);
    const size = bits ? this.inputs.length : words.length;
    if (at < 0 || (map.wholeOnly === true && (at !== 0 || count !== size))) return 'address';
    return bits ? readBits(request, this.inputs, at, count) : readWords(request, words, at, count);
  }

  #wholeOf({ table, firstAddress = 0, inputsPerRegister = 16 }: InputTable): [first: number, count: number] {
    const bits = table === 'discreteInputs' || table === 'coils';
    return [firstAddress, bits ? this.inputs.length : Math.ceil(this.inputs.length / inputsPerRegister)];
  }

  #writeCoil(request: Uint8Array, coil: number, value: number): Uint8Array | Exception {
    if (value !== ON && value !== 0) return 'value';
    if (coil >= this.coils.length) return 'address';
    this.coils[coil] = value === ON;
    return request;
  }

  #writeRegister(request: Uint8Array, register: number, value: number): Uint8Array | Exception {
    if (register >= this.registers.length) return 'address';
    this.registers[register] = value;
    return request;
  }

  #writeCoils(request: Uint8Array, first: number, count: number): Uint8Array | Exception {
    if (count < 1 || count > MAX_COILS_WRITTEN || request[5] !== Math.ceil(count / 8)) return 'value';
    if (first + count > this.coils.length) return 'address';
    for (let at = 0; at < count; at++) this.coils[first + at] = (((request[6 + (at >> 3)] ?? 0) >> (at & 7)) & 1) === 1;
    return request.subarray(0, 5);
  }
}

/** Returns registers that hold the inputs, `each` in one, the first in the lowest bit. */
function inputWords(inputs: readonly boolean[], each: number): number[] {
  const words = new Array<number>(Math.ceil(inputs.length / each)).fill(0);
  inputs.forEach((on, input) => {
    const at = Math.floor(input / each);
    if (on) words[at] = (words[at] ?? 0) | (1 << (input % each));
  });
  return words;
}

function readBits(request: Uint8Array, bits: readonly boolean[], first: number, count: number): Uint8Array | Exception {
  if (count < 1 || count > MAX_BITS_READ) return 'value';
  if (first + count > bits.length) return 'address';
  const bytes = Math.ceil(count / 8);
  const answer = new Uint8Array(2 + bytes);
  answer[0] = request[0] ?? 0;
  answer[1] = bytes;
  for (let at = 0; at < count; at++) {
    if (bits[first + at] === true) answer[2 + (at >> 3)] = (answer[2 + (at >> 3)] ?? 0) | (1 << (at & 7));
  }
  return answer;
}

function readWords(
  request: Uint8Array,
  words: readonly number[],
  first: number,
  count: number,
): Uint8Array | Exception {
  if (count < 1 || count > MAX_REGISTERS_READ) return 'value';
  if (first + count > words.length) return 'address';
  const asked = words.slice(first, first + count);
  return Uint8Array.of(request[0] ?? 0, 2 * count, ...asked.flatMap((value) => [value >>> 8, value & 0xff]));
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
