import type { CPU } from 'avr8js';
import type { ChipKind } from './avr-chip-kinds.ts';
import type { ChipCore, Interrupt, Peripheral } from './avr-peripheral.ts';

const UCSRA = 0xc0;
const UCSRB = 0xc1;
const UCSRC = 0xc2;
const UBRRL = 0xc4;
const UBRRH = 0xc5;
const UDR = 0xc6;

const RXC = 0x80;
const TXC = 0x40;
const UDRE = 0x20;
const FE = 0x10;
const DOR = 0x08;
const U2X = 0x02;
const RXEN = 0x10;
const TXEN = 0x08;
/** 8 bits, no parity, one stop bit, and the high bits of the mode: asynchronous. */
const EIGHT_N_ONE = 0x06;

export const BITS_PER_BYTE = 10;
/** The receiver reads the stop bit in its middle. */
const STOP_READ_BITS = 9.5;
/** Two bytes in the buffer, and one in the shift register. */
const RECEIVED_MAX = 3;
/** A receiver at double speed bears so much (table 20-3 of the data sheet). */
const RATE_ERROR_MAX = 0.045;

/** A byte on the line, as everybody at the line sees it. A collision changes it under way. */
export interface ByteOnLine {
  byte: number;
  /** Its stop bit is not where it should be. */
  isDamaged: boolean;
}

interface Arriving {
  readonly on: ByteOnLine;
  readonly startCycle: number;
  readonly bitCycles: number;
}

/** USART 0: full duplex, with the buffers, flags and times of the real one. */
export class AvrUsart implements Peripheral {
  dueCycle = Infinity;
  /** Bytes that the program was too slow to read. */
  lost = 0;
  /** Called as the start bit of a byte leaves. */
  onStart: (byte: number, bitCycles: number) => void = () => undefined;
  /** Called as its stop bit is out. */
  onEnd: () => void = () => undefined;
  /** False while the transceiver holds RXD. */
  isHearing: () => boolean = () => true;
  /** RXD may have changed. */
  onEdge: () => void = () => undefined;
  /** True while somebody must know of each edge at RXD. */
  isWatched = false;
  readonly #core: ChipCore;
  readonly #cpu: CPU;
  readonly #rxc: Interrupt;
  readonly #udre: Interrupt;
  readonly #txc: Interrupt;
  #received: { byte: number; errors: number }[] = [];
  #arriving: Arriving[] = [];
  #sendEnd = Infinity;
  #buffered: number | undefined;

  constructor(core: ChipCore, { vectors }: ChipKind) {
    this.#core = core;
    this.#cpu = core.cpu;
    const interrupt = (address: number, mask: number): Interrupt => ({
      address,
      flagRegister: UCSRA,
      flagMask: mask,
      enableRegister: UCSRB,
      enableMask: mask,
      constant: mask !== TXC,
    });
    this.#rxc = interrupt(vectors.usartReceived, RXC);
    this.#udre = interrupt(vectors.usartEmpty, UDRE);
    this.#txc = interrupt(vectors.usartSent, TXC);
    this.#hookControl();
    this.#hookData();
    this.reset();
  }

  get bitCycles(): number {
    const { data } = this.#cpu;
    const divisor = 1 + (((data[UBRRH] ?? 0) << 8) | (data[UBRRL] ?? 0));
    return divisor * ((data[UCSRA] ?? 0) & U2X ? 8 : 16);
  }

  get isSending(): boolean {
    return this.#sendEnd !== Infinity;
  }

  /** True if RXD is high now. */
  get level(): boolean {
    return this.#arriving.every(({ on, startCycle, bitCycles }) => {
      const bit = Math.floor((this.#cpu.cycles - startCycle) / bitCycles);
      return bit < 0 || bit >= BITS_PER_BYTE - 1 || (bit > 0 && ((on.byte >> (bit - 1)) & 1) === 1);
    });
  }

  reset(): void {
    this.#cpu.data[UCSRA] = UDRE;
    this.#cpu.data[UCSRC] = EIGHT_N_ONE;
    this.#received = [];
    this.#arriving = [];
    this.#sendEnd = Infinity;
    this.#buffered = undefined;
    this.dueCycle = Infinity;
  }

  /**
   * The start bit of a byte comes now, or later: whether it is heard then shows at its stop bit.
   */
  arrive(on: ByteOnLine, startCycle: number, bitCycles: number): void {
    if (startCycle <= this.#cpu.cycles && !this.isHearing()) return;
    // Until the stop bit is read there is no other start bit: two bytes at once are one, damaged.
    const last = this.#arriving.at(-1);
    if (last !== undefined && readCycle(last) > startCycle) return;
    this.#arriving.push({ on, startCycle, bitCycles });
    if (this.isWatched) this.onEdge();
    this.schedule();
  }

  /** Its clock stood still: what came meanwhile, or began then, is not heard. */
  stoodStill(): void {
    this.#arriving = this.#arriving.filter(({ startCycle }) => startCycle >= this.#cpu.cycles);
    this.schedule();
  }

  act(): void {
    const { cycles } = this.#cpu;
    while (this.#arriving.length > 0) {
      const [first] = this.#arriving;
      if (first === undefined || readCycle(first) > cycles) break;
      this.#arriving.shift();
      this.#take(first);
    }
    if (cycles >= this.#sendEnd) this.#sent();
    if (this.isWatched) this.onEdge();
    this.schedule();
  }

  schedule(): void {
    const [first] = this.#arriving;
    this.dueCycle = Math.min(this.#sendEnd, first === undefined ? Infinity : readCycle(first));
    if (this.isWatched) this.dueCycle = Math.min(this.dueCycle, this.#nextEdge());
    this.#core.rescheduled();
  }

  #nextEdge(): number {
    const { cycles } = this.#cpu;
    return this.#arriving.reduce((next, { startCycle, bitCycles }) => {
      const bit = Math.floor((cycles - startCycle) / bitCycles) + 1;
      return bit < BITS_PER_BYTE ? Math.min(next, startCycle + bit * bitCycles) : next;
    }, Infinity);
  }

  #take({ on, bitCycles }: Arriving): void {
    if (((this.#cpu.data[UCSRB] ?? 0) & RXEN) === 0 || !this.isHearing()) return;
    const isWrongRate = Math.abs(bitCycles / this.bitCycles - 1) > RATE_ERROR_MAX;
    const byte = isWrongRate ? on.byte ^ 0x5a : on.byte;
    let errors = on.isDamaged || isWrongRate ? FE : 0;
    if (this.#received.length === RECEIVED_MAX) {
      this.#received.pop();
      this.lost += 1;
      errors |= DOR;
    }
    this.#received.push({ byte, errors });
    this.#showReceived();
  }

  #showReceived(): void {
    const { data } = this.#cpu;
    const [first] = this.#received;
    data[UCSRA] = ((data[UCSRA] ?? 0) & ~(FE | DOR)) | (first?.errors ?? 0);
    if (first === undefined) this.#cpu.clearInterrupt(this.#rxc);
    else this.#cpu.setInterruptFlag(this.#rxc);
  }

  #sent(): void {
    this.onEnd();
    this.#sendEnd = Infinity;
    const next = this.#buffered;
    this.#buffered = undefined;
    if (next === undefined) this.#cpu.setInterruptFlag(this.#txc);
    else this.#start(next);
  }

  #start(byte: number): void {
    const { bitCycles } = this;
    this.#sendEnd = this.#cpu.cycles + BITS_PER_BYTE * bitCycles;
    this.#cpu.setInterruptFlag(this.#udre);
    this.onStart(byte, bitCycles);
  }

  #hookControl(): void {
    const cpu = this.#cpu;
    cpu.writeHooks[UCSRA] = (value) => {
      cpu.data[UCSRA] = ((cpu.data[UCSRA] ?? 0) & ~(U2X | 1)) | (value & U2X);
      cpu.clearInterruptByFlag(this.#txc, value);
      return true;
    };
    cpu.writeHooks[UCSRB] = (value) => {
      if ((value & RXEN) === 0) {
        this.#received = [];
        this.#showReceived();
      }
      cpu.data[UCSRB] = value;
      for (const each of [this.#rxc, this.#udre, this.#txc]) cpu.updateInterruptEnable(each, value);
      return true;
    };
    cpu.writeHooks[UCSRC] = (value) => {
      if (value !== EIGHT_N_ONE) throw new RangeError('the bus has 8 data bits, no parity, one stop bit');
    };
  }

  #hookData(): void {
    const cpu = this.#cpu;
    cpu.readHooks[UDR] = () => {
      const byte = this.#received.shift()?.byte ?? 0;
      this.#showReceived();
      return byte;
    };
    cpu.writeHooks[UDR] = (value) => {
      // A byte for a full buffer is ignored, as is one for a transmitter that is off.
      if (((cpu.data[UCSRB] ?? 0) & TXEN) === 0 || ((cpu.data[UCSRA] ?? 0) & UDRE) === 0) return true;
      cpu.clearInterrupt(this.#txc, false);
      cpu.clearInterrupt(this.#udre);
      if (this.isSending) this.#buffered = value;
      else this.#start(value);
      this.schedule();
      return true;
    };
  }
}

function readCycle({ startCycle, bitCycles }: Arriving): number {
  return startCycle + STOP_READ_BITS * bitCycles;
}
