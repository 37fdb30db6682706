import type { CPU } from 'avr8js';

/** How the emulator's processor describes an interrupt. */
export type Interrupt = Parameters<CPU['setInterruptFlag']>[0];

/** A part of the chip beside the processor. It works by hooks on its registers, and by time. */
export interface Peripheral {
  /** The cycle at which it has something to do; `Infinity` if never by itself. */
  readonly dueCycle: number;
  /** Does what is due at the present cycle. */
  act(): void;
  /** The chip was reset: all its registers are 0. */
  reset(): void;
}

/** A peripheral's connection to the chip. */
export interface ChipCore {
  readonly cpu: CPU;
  readonly hz: number;
  /** A `dueCycle` has changed. */
  rescheduled(): void;
}
