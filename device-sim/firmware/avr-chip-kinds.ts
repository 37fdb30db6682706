/** Registers and vectors of the chips that a node can have. Addresses are those of data memory. */
export interface ChipKind {
  readonly name: string;
  readonly flashBytes: number;
  readonly ramBytes: number;
  readonly eepromBytes: number;
  /** Address of each port's PIN register, by its letter. DDR and PORT follow it. */
  readonly ports: Readonly<Record<string, number>>;
  /** Pin change groups: the letter of the port, its mask register and its vector. */
  readonly pinChanges: readonly { readonly port: string; readonly mask: number; readonly vector: number }[];
  /** Vectors, as word addresses. */
  readonly vectors: {
    readonly watchdog: number;
    readonly timer1CompareA: number;
    readonly timer1CompareB: number;
    readonly timer1Overflow: number;
    readonly usartReceived: number;
    readonly usartEmpty: number;
    readonly usartSent: number;
    readonly adc: number;
    readonly eepromReady: number;
  };
  /** Channel of the analogue multiplexer that is the band gap. */
  readonly bandGapChannel: number;
  /** Control registers of what the emulator lacks. A program that switches it on is refused. */
  readonly absent: readonly { readonly register: number; readonly what: string }[];
}

const ABSENT = [
  { register: 0x45, what: 'timer 0' },
  { register: 0xb1, what: 'timer 2' },
  { register: 0x4c, what: 'SPI' },
  { register: 0xbc, what: 'TWI' },
  { register: 0x3d, what: 'external interrupts' },
] as const;

/** Data sheet of the ATmega328P, DS40002061B, sections 12, 30 and 31. */
export const ATMEGA328P: ChipKind = {
  name: 'atmega328p',
  flashBytes: 0x8000,
  ramBytes: 0x800,
  eepromBytes: 0x400,
  ports: { B: 0x23, C: 0x26, D: 0x29 },
  pinChanges: [
    { port: 'B', mask: 0x6b, vector: 0x06 },
    { port: 'C', mask: 0x6c, vector: 0x08 },
    { port: 'D', mask: 0x6d, vector: 0x0a },
  ],
  vectors: {
    watchdog: 0x0c,
    timer1CompareA: 0x16,
    timer1CompareB: 0x18,
    timer1Overflow: 0x1a,
    usartReceived: 0x24,
    usartEmpty: 0x26,
    usartSent: 0x28,
    adc: 0x2a,
    eepromReady: 0x2c,
  },
  bandGapChannel: 0x0e,
  absent: ABSENT,
};

/** Data sheet of the ATmega1284P, DS40002071A, sections 11 and 34. */
export const ATMEGA1284P: ChipKind = {
  name: 'atmega1284p',
  flashBytes: 0x20000,
  ramBytes: 0x4000,
  eepromBytes: 0x1000,
  ports: { A: 0x20, B: 0x23, C: 0x26, D: 0x29 },
  pinChanges: [
    { port: 'A', mask: 0x6b, vector: 0x08 },
    { port: 'B', mask: 0x6c, vector: 0x0a },
    { port: 'C', mask: 0x6d, vector: 0x0c },
    { port: 'D', mask: 0x73, vector: 0x0e },
  ],
  vectors: {
    watchdog: 0x10,
    timer1CompareA: 0x1a,
    timer1CompareB: 0x1c,
    timer1Overflow: 0x1e,
    usartReceived: 0x28,
    usartEmpty: 0x2a,
    usartSent: 0x2c,
    adc: 0x30,
    eepromReady: 0x32,
  },
  bandGapChannel: 0x1e,
  absent: ABSENT,
};
