import { crc16Modbus } from '../../protocol/crc16.ts';

/** The table of a module that shows its inputs (MODBUS Application Protocol V1.1b3, §4.3). */
type InputTable = 'discreteInputs' | 'coils' | 'holdingRegisters' | 'inputRegisters';

/** Function that reads each table. */
const FUNCTIONS = { coils: 1, discreteInputs: 2, holdingRegisters: 3, inputRegisters: 4 } as const;

/** Longest answers of functions 01 and 02, and of 03 and 04 (the same, §6.1 to §6.4). */
const BITS_MAX = 2_000;
const REGISTERS_MAX = 125;
const ADDRESS_MAX = 0xffff;

/** Address, function, number of bytes; then the bytes and the CRC. */
export const ANSWER_OVERHEAD = 5;
export const REQUEST_BYTES = 8;

/** What is asked of a module: `count` bits or registers from address `start`. */
export interface InputSpan {
  readonly code: 1 | 2 | 3 | 4;
  readonly start: number;
  readonly count: number;
}

/** Where a module's inputs are. */
export interface InputLayout {
  readonly table: InputTable;
  /** Address of input 0, or of the register that holds it. */
  readonly firstAddress: number;
  /** Inputs in one register, input 0 in the lowest bit. Only for registers. */
  readonly inputsPerRegister: 1 | 8 | 16;
  /** Inputs that every request reads. `undefined`: those that are used. */
  readonly inputCount: number | undefined;
}

/** The span that is asked of a module, and the inputs in its answers. */
export class InputMap {
  readonly span: InputSpan;
  /** Number of the first input in an answer. */
  readonly firstInput: number;
  readonly #perItem: number;

  /** @param used numbers of the inputs in use */
  constructor(layout: InputLayout, used: readonly number[]) {
    const { table, firstAddress, inputCount } = layout;
    this.#perItem = isBits(table) ? 1 : layout.inputsPerRegister;
    const whole = inputCount === undefined ? used : [0, inputCount - 1];
    // A module without contacts is supervised all the same.
    const from = whole.length === 0 ? 0 : Math.floor(Math.min(...whole) / this.#perItem);
    const to = whole.length === 0 ? 0 : Math.floor(Math.max(...whole) / this.#perItem);
    this.firstInput = from * this.#perItem;
    this.span = { code: FUNCTIONS[table], start: firstAddress + from, count: to - from + 1 };
  }

  /** @param values the bits or registers of an answer */
  inputsOf(values: readonly (boolean | number)[]): boolean[] {
    return values.flatMap((value) => {
      if (typeof value === 'boolean') return value;
      if (this.#perItem === 1) return value !== 0;
      return Array.from({ length: this.#perItem }, (_, bit) => ((value >> bit) & 1) === 1);
    });
  }

  /**
   * The first register of an answer that is no single input: with one input in a register, makers
   * write 1, and a few 0xFF or 0xFF00. Anything else is a counter, or 0xFFFF for "unavailable".
   */
  strangeRegister(values: readonly (boolean | number)[], used: readonly number[]): number | undefined {
    if (this.#perItem > 1) return undefined;
    const place = used.find((at) => {
      const value = values[at];
      return typeof value === 'number' && ![0, 1, 0xff, 0xff00].includes(value);
    });
    return place === undefined ? undefined : this.span.start + place;
  }
}

export function isBits(table: InputTable): boolean {
  return FUNCTIONS[table] <= 2;
}

/** What is wrong with a span, in plain words; `undefined`: a module can be asked for it. */
export function spanMistake({ code, start, count }: InputSpan): string | undefined {
  const last = start + count - 1;
  if (last > ADDRESS_MAX) return `its last input would have address ${last}, beyond ${ADDRESS_MAX}`;
  const max = code <= 2 ? BITS_MAX : REGISTERS_MAX;
  const items = code <= 2 ? 'inputs' : 'registers';
  return count > max ? `one request would read ${count} ${items}, and at most ${max} can be read` : undefined;
}

export function answerDataBytes({ code, count }: InputSpan): number {
  return code <= 2 ? Math.ceil(count / 8) : 2 * count;
}

/**
 * A request may hold what passes for its own answer, for instance address 5, 24 inputs from 0x0300:
 * `05 02 03 00 00 18 …` is also an answer with three bytes. An adapter that echoes would then show
 * a dead module as well.
 */
export function looksLikeItsAnswer(address: number, span: InputSpan): boolean {
  const { code, start, count } = span;
  const request = Uint8Array.of(address, code, start >> 8, start & 0xff, count >> 8, count & 0xff, 0, 0);
  const crc = crc16Modbus(request.subarray(0, 6));
  request[6] = crc & 0xff;
  request[7] = crc >> 8;
  for (let at = 0; at < REQUEST_BYTES; at++) {
    const bytes = candidateBytes(request, at, request, answerDataBytes(span));
    if (bytes > 0 && at + bytes <= REQUEST_BYTES && crc16Modbus(request.subarray(at, at + bytes)) === 0) return true;
  }
  return false;
}

const EXCEPTION_BYTES = 5;

/**
 * Length of the answer or exception to `request` that may begin at a place; 0: none does.
 * modbus-serial does not look at the address of an exception.
 */
export function candidateBytes(heard: Uint8Array, at: number, request: Uint8Array, dataBytes: number): number {
  if (heard[at] !== request[0]) return 0;
  const code = heard[at + 1] ?? 0;
  const asked = request[1] ?? 0;
  if (code === (asked | 0x80)) return EXCEPTION_BYTES;
  return code === asked && heard[at + 2] === dataBytes ? ANSWER_OVERHEAD + dataBytes : 0;
}
