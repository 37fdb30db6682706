import type { CPU } from 'avr8js';
import type { ChipKind } from './avr-chip-kinds.ts';
import type { ChipCore, Interrupt, Peripheral } from './avr-peripheral.ts';

const EECR = 0x3f;
const EEDR = 0x40;
const EEARL = 0x41;
const EEARH = 0x42;

const EERE = 1;
const EEPE = 2;
const EEMPE = 4;
const EERIE = 8;
const MODE = 0x30;
const ERASE_ONLY = 0x10;
const WRITE_ONLY = 0x20;

const EEMPE_CYCLES = 4;
/** Table 8-1 of the data sheet, in ms. */
const ERASE_AND_WRITE_MS = 3.4;
const HALF_MS = 1.8;

/**
 * The EEPROM. Its bytes are the caller's, and outlive the chip. A byte takes milliseconds; when the
 * power fails meanwhile, it is anything.
 */
export class AvrEeprom implements Peripheral {
  dueCycle = Infinity;
  /** Bytes whose programming has begun, since the chip was made. */
  begun = 0;
  readonly #core: ChipCore;
  readonly #cpu: CPU;
  readonly #bytes: Uint8Array;
  readonly #ready: Interrupt;
  #mayWriteUntil = -1;
  #programming: { readonly at: number; readonly byte: number } | undefined;

  constructor(core: ChipCore, { vectors }: ChipKind, bytes: Uint8Array) {
    this.#core = core;
    this.#cpu = core.cpu;
    this.#bytes = bytes;
    this.#ready = {
      address: vectors.eepromReady,
      flagRegister: EECR,
      flagMask: EEPE,
      enableRegister: EECR,
      enableMask: EERIE,
      constant: true,
      inverseFlag: true,
    };
    this.#cpu.writeHooks[EECR] = (value) => {
      this.#control(value);
      return true;
    };
    this.#cpu.readHooks[EECR] = () => {
      if (this.#cpu.cycles > this.#mayWriteUntil) this.#clear(EEMPE);
      return this.#cpu.data[EECR] ?? 0;
    };
  }

  /** The byte that is being programmed; absent: none is. */
  get programming(): number | undefined {
    return this.#programming?.at;
  }

  act(): void {
    const programmed = this.#programming;
    this.#programming = undefined;
    this.dueCycle = Infinity;
    if (programmed !== undefined) this.#bytes[programmed.at] = programmed.byte;
    this.#cpu.setInterruptFlag(this.#ready);
    this.#core.rescheduled();
  }

  /** A byte that is being programmed is finished: only a loss of power cuts it. */
  reset(): void {
    if (this.#programming !== undefined) this.#bytes[this.#programming.at] = this.#programming.byte;
    this.#programming = undefined;
    this.dueCycle = Infinity;
  }

  /** The power fails. A byte that is being programmed becomes `remains`. */
  cut(remains: number): void {
    if (this.#programming !== undefined) this.#bytes[this.#programming.at] = remains;
    this.#programming = undefined;
  }

  #control(value: number): void {
    const { cpu, at } = { cpu: this.#cpu, at: this.#address };
    const kept = (cpu.data[EECR] ?? 0) & EEPE;
    cpu.data[EECR] = (value & (EERIE | MODE | EEMPE)) | kept;
    cpu.updateInterruptEnable(this.#ready, value);
    const mayWrite = cpu.cycles <= this.#mayWriteUntil;
    if ((value & EEMPE) !== 0 && (value & EEPE) === 0) this.#mayWriteUntil = cpu.cycles + EEMPE_CYCLES;
    // Nothing is read or written while a byte is being programmed (section 8.6.3).
    if (this.#programming !== undefined) return;
    if ((value & EERE) !== 0) {
      cpu.data[EEDR] = this.#bytes[at] ?? 0xff;
      cpu.cycles += 4;
    } else if ((value & EEPE) !== 0 && mayWrite) {
      this.#begin(at, cpu.data[EEDR] ?? 0, value & MODE);
    }
  }

  get #address(): number {
    const { data } = this.#cpu;
    return (((data[EEARH] ?? 0) << 8) | (data[EEARL] ?? 0)) % this.#bytes.length;
  }

  #begin(at: number, byte: number, mode: number): void {
    const old = this.#bytes[at] ?? 0xff;
    const written = mode === ERASE_ONLY ? 0xff : mode === WRITE_ONLY ? old & byte : byte;
    this.#programming = { at, byte: written };
    this.begun += 1;
    this.#clear(EEMPE);
    this.#cpu.data[EECR] = (this.#cpu.data[EECR] ?? 0) | EEPE;
    this.#cpu.clearInterrupt(this.#ready, false);
    const ms = mode === 0 ? ERASE_AND_WRITE_MS : HALF_MS;
    this.#cpu.cycles += 2;
    this.dueCycle = this.#cpu.cycles + Math.round((ms * this.#core.hz) / 1000);
    this.#core.rescheduled();
  }

  #clear(bits: number): void {
    this.#cpu.data[EECR] = (this.#cpu.data[EECR] ?? 0) & ~bits;
  }
}
