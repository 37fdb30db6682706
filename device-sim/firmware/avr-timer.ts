import type { CPU } from 'avr8js';
import type { ChipKind } from './avr-chip-kinds.ts';
import type { ChipCore, Interrupt, Peripheral } from './avr-peripheral.ts';

const TIFR = 0x36;
const TIMSK = 0x6f;
const TCCRA = 0x80;
const TCCRB = 0x81;
const TCNT = 0x84;
const OCRA = 0x88;
const OCRB = 0x8a;
const COUNTS = 0x1_0000;

const OVERFLOW = 1;
const COMPARE_A = 2;
const COMPARE_B = 4;
const DIVISORS: readonly number[] = [0, 1, 8, 64, 256, 1024];

/** What sets a flag: the counter has left `value`. */
interface Match {
  readonly mask: number;
  value: number;
}

/**
 * Timer 1 in normal mode. It keeps no count: it computes the count when the program reads it, and
 * wakes the chip only for an interrupt that is enabled.
 */
export class AvrTimer implements Peripheral {
  dueCycle = Infinity;
  readonly #core: ChipCore;
  readonly #cpu: CPU;
  readonly #interrupts: readonly Interrupt[];
  readonly #matches: readonly Match[] = [
    { mask: OVERFLOW, value: COUNTS - 1 },
    { mask: COMPARE_A, value: 0 },
    { mask: COMPARE_B, value: 0 },
  ];
  #divisor = 0;
  /** The count is this plus the cycles by the divisor. */
  #offset = 0;
  /** Cycles for which the clock of the timers stood still. */
  #stopped = 0;
  /** Ticks up to which the flags are set. */
  #seenTick = 0;
  #high = 0;

  constructor(core: ChipCore, { vectors }: ChipKind) {
    this.#core = core;
    this.#cpu = core.cpu;
    const interrupt = (address: number, mask: number): Interrupt => ({
      address,
      flagRegister: TIFR,
      flagMask: mask,
      enableRegister: TIMSK,
      enableMask: mask,
    });
    this.#interrupts = [
      interrupt(vectors.timer1Overflow, OVERFLOW),
      interrupt(vectors.timer1CompareA, COMPARE_A),
      interrupt(vectors.timer1CompareB, COMPARE_B),
    ];
    this.#hookCounter();
    this.#hookFlags();
  }

  act(): void {
    this.#setFlags();
    this.#schedule();
  }

  reset(): void {
    this.#divisor = 0;
    this.#offset = 0;
    for (const match of this.#matches) if (match.mask !== OVERFLOW) match.value = 0;
    this.#seenTick = 0;
    this.#high = 0;
    this.dueCycle = Infinity;
  }

  /** The clock of the timers stood still for so long. */
  stoodStill(cycles: number): void {
    this.#stopped += cycles;
    this.#schedule();
  }

  get #tick(): number {
    // The prescaler runs from the reset on, whatever the timer does.
    return this.#divisor === 0 ? 0 : Math.floor((this.#cpu.cycles - this.#stopped) / this.#divisor);
  }

  get #count(): number {
    return (this.#tick + this.#offset) % COUNTS;
  }

  #hookCounter(): void {
    const { readHooks, writeHooks, data } = this.#cpu;
    writeHooks[TCCRA] = (value) => {
      if (value !== 0) throw new RangeError('the emulator has timer 1 in normal mode only');
    };
    writeHooks[TCCRB] = (value) => {
      if ((value & 0xf8) !== 0) throw new RangeError('the emulator has timer 1 in normal mode only');
      this.#setFlags();
      const count = this.#count;
      const divisor = DIVISORS[value & 7];
      if (divisor === undefined) throw new RangeError('the emulator has no clock at T1');
      this.#divisor = divisor;
      this.#setCount(count);
    };
    readHooks[TCNT] = () => {
      const count = this.#count;
      data[TCNT + 1] = count >> 8;
      return count & 0xff;
    };
    writeHooks[TCNT + 1] = (value) => {
      this.#high = value;
      return true;
    };
    writeHooks[TCNT] = (value) => {
      this.#setFlags();
      this.#setCount((this.#high << 8) | value);
      return true;
    };
    for (const [register, index] of [
      [OCRA, 1],
      [OCRB, 2],
    ] as const) {
      writeHooks[register + 1] = (value) => {
        this.#high = value;
        return true;
      };
      writeHooks[register] = (value) => {
        this.#setFlags();
        const match = this.#matches[index];
        if (match !== undefined) match.value = (this.#high << 8) | value;
        data[register + 1] = this.#high;
        data[register] = value;
        this.#schedule();
        return true;
      };
    }
  }

  #hookFlags(): void {
    const cpu = this.#cpu;
    cpu.readHooks[TIFR] = () => {
      this.#setFlags();
      return cpu.data[TIFR] ?? 0;
    };
    cpu.writeHooks[TIFR] = (value) => {
      this.#setFlags();
      for (const interrupt of this.#interrupts) cpu.clearInterruptByFlag(interrupt, value);
      this.#schedule();
      return true;
    };
    cpu.writeHooks[TIMSK] = (value) => {
      this.#setFlags();
      cpu.data[TIMSK] = value;
      for (const interrupt of this.#interrupts) cpu.updateInterruptEnable(interrupt, value);
      this.#schedule();
      return true;
    };
  }

  #setCount(count: number): void {
    this.#seenTick = this.#tick;
    this.#offset = (((count - this.#seenTick) % COUNTS) + COUNTS) % COUNTS;
    this.#schedule();
  }

  /** Sets the flags of all matches since the last time. */
  #setFlags(): void {
    const tick = this.#tick;
    if (this.#divisor === 0 || tick === this.#seenTick) return;
    const from = (this.#seenTick + this.#offset) % COUNTS;
    for (const [index, { value }] of this.#matches.entries()) {
      // The flag is set with the count after the match.
      const interrupt = this.#interrupts[index];
      if (tick - this.#seenTick >= ticksUntilLeft(from, value) && interrupt !== undefined) {
        this.#cpu.setInterruptFlag(interrupt);
      }
    }
    this.#seenTick = tick;
  }

  #schedule(): void {
    this.dueCycle = Infinity;
    const enabled = this.#cpu.data[TIMSK] ?? 0;
    if (this.#divisor !== 0) {
      const tick = this.#tick;
      const count = (tick + this.#offset) % COUNTS;
      for (const { mask, value } of this.#matches) {
        if ((enabled & mask) === 0) continue;
        const cycle = (tick + ticksUntilLeft(count, value)) * this.#divisor + this.#stopped;
        this.dueCycle = Math.min(this.dueCycle, cycle);
      }
    }
    this.#core.rescheduled();
  }
}

/** Returns 1…65536. */
function ticksUntilLeft(count: number, value: number): number {
  return ((value - count + COUNTS) % COUNTS) + 1;
}
