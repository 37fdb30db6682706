import type { CPU } from 'avr8js';
import type { ChipKind } from './avr-chip-kinds.ts';
import type { ChipCore, Interrupt, Peripheral } from './avr-peripheral.ts';

const ADCL = 0x78;
const ADCH = 0x79;
const ADCSRA = 0x7a;
const ADMUX = 0x7c;

const ADEN = 0x80;
const ADSC = 0x40;
const ADIF = 0x10;
const ADIE = 0x08;
const ADLAR = 0x20;
const CHANNEL = 0x1f;
const FIRST_CLOCKS = 25;
const CLOCKS = 13;
const LARGEST = 1023;
const BAND_GAP_VOLTS = 1.1;

/** The voltages around the chip. */
export interface Voltages {
  readonly supply: number;
  /** At a channel of the analogue multiplexer. */
  channel(number: number): number;
  /** −1…1 of the least bit. */
  noise(): number;
}

/** The analogue converter, one conversion at a time. */
export class AvrAdc implements Peripheral {
  dueCycle = Infinity;
  readonly #core: ChipCore;
  readonly #cpu: CPU;
  readonly #bandGapChannel: number;
  readonly #voltages: Voltages;
  readonly #interrupt: Interrupt;
  #isFirst = true;

  constructor(core: ChipCore, { vectors, bandGapChannel }: ChipKind, voltages: Voltages) {
    this.#core = core;
    this.#cpu = core.cpu;
    this.#bandGapChannel = bandGapChannel;
    this.#voltages = voltages;
    this.#interrupt = {
      address: vectors.adc,
      flagRegister: ADCSRA,
      flagMask: ADIF,
      enableRegister: ADCSRA,
      enableMask: ADIE,
    };
    this.#cpu.writeHooks[ADCSRA] = (value, old) => {
      this.#control(value, old);
      return true;
    };
  }

  act(): void {
    const { data } = this.#cpu;
    const ratio = this.#volts() / this.#reference();
    const result = Math.max(0, Math.min(LARGEST, Math.floor(ratio * (LARGEST + 1) + this.#voltages.noise())));
    const shifted = (data[ADMUX] ?? 0) & ADLAR ? result << 6 : result;
    data[ADCL] = shifted & 0xff;
    data[ADCH] = shifted >> 8;
    data[ADCSRA] = (data[ADCSRA] ?? 0) & ~ADSC;
    this.dueCycle = Infinity;
    this.#cpu.setInterruptFlag(this.#interrupt);
    this.#core.rescheduled();
  }

  reset(): void {
    this.#isFirst = true;
    this.dueCycle = Infinity;
  }

  #control(value: number, old: number): void {
    const { data } = this.#cpu;
    const isBusy = this.dueCycle !== Infinity;
    data[ADCSRA] = (value & ~(ADIF | ADSC)) | (old & ADIF) | (isBusy ? ADSC : 0);
    this.#cpu.clearInterruptByFlag(this.#interrupt, value);
    this.#cpu.updateInterruptEnable(this.#interrupt, value);
    if ((value & ADEN) === 0) {
      this.reset();
      data[ADCSRA] = (data[ADCSRA] ?? 0) & ~ADSC;
    } else if ((value & ADSC) !== 0 && !isBusy) {
      const divisor = Math.max(2, 1 << (value & 7));
      data[ADCSRA] = (data[ADCSRA] ?? 0) | ADSC;
      this.dueCycle = this.#cpu.cycles + divisor * (this.#isFirst ? FIRST_CLOCKS : CLOCKS);
      this.#isFirst = false;
    }
    this.#core.rescheduled();
  }

  #volts(): number {
    const channel = (this.#cpu.data[ADMUX] ?? 0) & CHANNEL & (this.#bandGapChannel | 7);
    return channel === this.#bandGapChannel ? BAND_GAP_VOLTS : this.#voltages.channel(channel);
  }

  /** AVCC has a capacitor at AREF on all boards, so both are the supply. */
  #reference(): number {
    const selected = (this.#cpu.data[ADMUX] ?? 0) >> 6;
    return selected < 2 || (selected === 2 && this.#bandGapChannel === 0x0e) ? this.#voltages.supply : BAND_GAP_VOLTS;
  }
}
