import { type Random, randomBelow } from '../random.ts';
import type { Voltages } from './avr-adc.ts';
import { AvrChip, type Emulator } from './avr-chip.ts';
import type { Drive } from './avr-ports.ts';
import { BITS_PER_BYTE, type ByteOnLine } from './avr-usart.ts';
import type { BoardKind, Pin } from './node-pins.ts';

/** What a person sees. Both colours together are amber. */
export interface Shown {
  readonly colour: 'dark' | 'red' | 'green' | 'amber';
  readonly buzzes: boolean;
}

/** A byte that a node sends. */
export interface SentByte {
  readonly byte: number;
  /** When its start bit left, on the machine's own clock. */
  readonly atMs: number;
  readonly bitMs: number;
}

/** What a real line would suffer from. It is a defect of the firmware. */
interface LineOffence {
  readonly atMs: number;
  readonly what: 'sent with the driver off' | 'driver off before the stop bit' | 'held the line' | 'lost a byte';
}

interface NodeMachineDeps {
  readonly emulator: Emulator;
  readonly board: BoardKind;
  /** The image. Machines may share it. */
  readonly flash: Uint8Array<ArrayBuffer>;
  /** The EEPROM, which outlives the machine and is changed by it. */
  readonly storage: Uint8Array;
  /** What fills the memory at power-on, the noise of the converter, and what a cut byte becomes. */
  readonly random: Random;
  /** By how much its clock is too fast, as a share: 0.02 is 2 %. */
  readonly clockError?: number;
  /**
   * By how much the oscillator of its watchdog is too fast: up to 10 % (data sheet, section 9.6).
   */
  readonly watchdogError?: number;
}

/** The line is free half a character after the last stop bit (section 1 of the specification). */
const RELEASE_BITS = BITS_PER_BYTE / 2;
const DIVIDER = 11;
const USUAL_SUPPLY_MV = 12_000;
const USUAL_CHIP_MV = 5_000;
const VALUES = 256;

/**
 * A wall node's board whose chip runs the firmware. Its times are milliseconds since it was made,
 * in the time of the outside world.
 */
export class NodeMachine {
  readonly board: BoardKind;
  readonly chip: AvrChip;
  /**
   * Bytes that it sends, as their start bits leave. A byte that does not reach the line is not
   * here.
   */
  onByte: (sent: SentByte) => void = () => undefined;
  onShown: (shown: Shown) => void = () => undefined;
  readonly offences: LineOffence[] = [];
  readonly #random: Random;
  readonly #cyclesPerMs: number;
  #supplyMv = USUAL_SUPPLY_MV;
  #chipMv = USUAL_CHIP_MV;
  #shown: Shown = { colour: 'dark', buzzes: false };
  #isDriving = false;
  #isReceiverOn = false;
  #isAtUsb = false;
  /** When the last stop bit was out. */
  #freeSinceCycle = 0;
  #lost = 0;

  constructor({ emulator, board, flash, storage, random, clockError = 0, watchdogError = 0 }: NodeMachineDeps) {
    this.board = board;
    this.#random = random;
    this.#cyclesPerMs = (board.hz * (1 + clockError)) / 1000;
    this.chip = new AvrChip(emulator, board.chip, board.hz, flash, storage, this.#voltages(), watchdogError);
    const { ports, usart } = this.chip;
    usart.isHearing = () => this.#isAtUsb || this.#isReceiverOn;
    usart.onEdge = () => ports.changed(...board.rxd);
    usart.onStart = (byte, bitCycles) => this.#starts(byte, bitCycles);
    usart.onEnd = () => {
      this.#freeSinceCycle = this.chip.cpu.cycles;
    };
    ports.onOutput = () => this.#outputs();
    ports.onMask = () => {
      usart.isWatched = ports.isWatched(...board.rxd);
      usart.schedule();
    };
    const { pin, bit } = this.#rxdRegister();
    const { cpu } = this.chip;
    cpu.readHooks[pin] = () => {
      const levels = cpu.data[pin] ?? 0;
      return usart.level ? levels : levels & ~bit;
    };
    ports.drive(...board.cover, 'ground');
  }

  get nowMs(): number {
    return this.chip.cpu.cycles / this.#cyclesPerMs;
  }

  /** When it next has something to do: now while it is awake; `Infinity` without power. */
  get nextMs(): number {
    return this.chip.nextCycle / this.#cyclesPerMs;
  }

  get shown(): Shown {
    return this.#shown;
  }

  /** True while it drives the line, whether it sends or not. */
  get isDriving(): boolean {
    return this.#isDriving;
  }

  runUntil(ms: number): void {
    this.chip.runUntil(Math.ceil(ms * this.#cyclesPerMs));
    if (this.chip.usart.lost > this.#lost) this.#offend('lost a byte');
    this.#lost = this.chip.usart.lost;
  }

  switchOn(): void {
    this.chip.reset('power', (length) => Uint8Array.from({ length }, () => randomBelow(this.#random, VALUES)));
  }

  /** The power fails. A byte of the EEPROM that is being programmed becomes anything. */
  switchOff(): void {
    this.chip.switchOff(randomBelow(this.#random, VALUES));
  }

  /** The supply was too low for a moment: the chip restarts, its memory stays. */
  brownOut(): void {
    this.chip.eeprom.cut(randomBelow(this.#random, VALUES));
    this.chip.reset('brownOut');
  }

  /** Closes or opens the contact of a button. */
  button(number: number, isClosed: boolean): void {
    this.#contact(this.board.buttons[number], isClosed);
  }

  /** Closes or opens the contact of a point. */
  point(number: number, isClosed: boolean): void {
    this.#contact(this.board.points[number], isClosed);
  }

  /** Puts the cover on, or takes it off. */
  cover(isOn: boolean): void {
    this.#contact(this.board.cover, isOn);
  }

  /** Plugs the service jumper in, or takes it off. What it hears then comes from the USB port. */
  jumper(isSet: boolean): void {
    this.#isAtUsb = isSet;
    this.#contact(this.board.jumper, isSet);
  }

  /**
   * Sets the voltages of the supply and of the chip, which is that of a battery if there is one.
   */
  power({ supplyMv = this.#supplyMv, chipMv = this.#chipMv }: { supplyMv?: number; chipMv?: number }): void {
    this.#supplyMv = supplyMv;
    this.#chipMv = chipMv;
  }

  /** The start bit of a byte comes at this time, which may have passed a moment ago. */
  hear(on: ByteOnLine, atMs: number, bitMs: number): void {
    if (!this.chip.isOn) return;
    const cycle = Math.round(atMs * this.#cyclesPerMs);
    this.chip.usart.arrive(on, cycle, bitMs * this.#cyclesPerMs);
  }

  #contact(pin: Pin | undefined, isClosed: boolean): void {
    if (pin === undefined) throw new RangeError(`the board ${this.board.name} has no such contact`);
    const drive: Drive = isClosed ? 'ground' : 'open';
    this.chip.ports.drive(...pin, drive);
  }

  #rxdRegister(): { pin: number; bit: number } {
    const [port, bit] = this.board.rxd;
    return { pin: this.board.chip.ports[port] ?? 0, bit: 1 << bit };
  }

  #voltages(): Voltages {
    const machine = this;
    return {
      get supply() {
        return machine.#chipMv / 1000;
      },
      channel: (number) => (number === this.board.supplyChannel ? this.#supplyMv / DIVIDER / 1000 : 0),
      noise: () => 2 * this.#random() - 1,
    };
  }

  #starts(byte: number, bitCycles: number): void {
    this.#freeSinceCycle = Infinity;
    // The service port is not on the bus: there the receiver is off, and nothing drives the line.
    const isBus = this.chip.ports.output(...this.board.receiverDisable) !== true || this.#isDriving;
    if (isBus && !this.#isDriving) this.#offend('sent with the driver off');
    else this.onByte({ byte, atMs: this.nowMs, bitMs: bitCycles / this.#cyclesPerMs });
  }

  #outputs(): void {
    const { ports, usart, cpu } = this.chip;
    const { board } = this;
    const isDriving = ports.output(...board.driverEnable) === true;
    if (isDriving !== this.#isDriving) {
      this.#isDriving = isDriving;
      if (isDriving) this.#freeSinceCycle = cpu.cycles;
      else if (usart.isSending) this.#offend('driver off before the stop bit');
      else if (cpu.cycles - this.#freeSinceCycle > RELEASE_BITS * usart.bitCycles) this.#offend('held the line');
    }
    this.#isReceiverOn = ports.output(...board.receiverDisable) === false;
    const isRed = ports.output(...board.red) === true;
    const isGreen = ports.output(...board.green) === true;
    const colour = isRed && isGreen ? 'amber' : isRed ? 'red' : isGreen ? 'green' : 'dark';
    const buzzes = ports.output(...board.buzzer) === true;
    if (colour === this.#shown.colour && buzzes === this.#shown.buzzes) return;
    this.#shown = { colour, buzzes };
    this.onShown(this.#shown);
  }

  #offend(what: LineOffence['what']): void {
    this.offences.push({ atMs: this.nowMs, what });
  }
}
