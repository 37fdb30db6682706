import type { CPU } from 'avr8js';
import { AvrAdc, type Voltages } from './avr-adc.ts';
import type { ChipKind } from './avr-chip-kinds.ts';
import { AvrEeprom } from './avr-eeprom.ts';
import { instructionTable } from './avr-instructions.ts';
import type { Peripheral } from './avr-peripheral.ts';
import { AvrPorts } from './avr-ports.ts';
import { AvrTimer } from './avr-timer.ts';
import { AvrUsart } from './avr-usart.ts';
import { AvrWatchdog } from './avr-watchdog.ts';

/** What the emulator of the processor is needed for: the package avr8js. */
export type Emulator = Pick<typeof import('avr8js'), 'CPU' | 'avrInstruction'>;

type ResetCause = 'power' | 'brownOut' | 'watchdog';

const SMCR = 0x53;
const MCUSR = 0x54;
const SREG = 0x5f;
const IO_REGISTERS = [0x20, 0x100] as const;
const CAUSES: Readonly<Record<ResetCause, number>> = { power: 0x01, brownOut: 0x04, watchdog: 0x08 };
const GLOBAL_INTERRUPT = 0x80;
const SLEEP_ENABLE = 1;
/** Modes of SMCR, shifted: all others stop the clock of timers and USART. */
const IDLE = 0;
const SLEEP = 0x9588;
const SEI = 0x9478;
const RETI = 0x9518;
/** A loop that waits until a byte of the EEPROM is programmed: `sbic EECR, EEPE` and `rjmp .-4`. */
const EEPROM_WAIT = [0x99f9, 0xcffe] as const;
const EEPROM_WAIT_CYCLES = 3;
/** Beyond the two cycles that the emulator counts for an interrupt. */
const INTERRUPT_CYCLES = 2;
const WAKE_CYCLES = 4;
/** Start-up of a crystal, in cycles (table 9-6 of the data sheet), and after a reset also in ms. */
const CRYSTAL_CYCLES = 16_384;
const RESET_MS = 65;

/**
 * An AVR of the ATmega328P's family that runs a program: avr8js executes the instructions, and the
 * parts beside the processor are here. Time is counted in cycles, which never begin again. The chip
 * takes no step while it sleeps.
 */
export class AvrChip {
  readonly cpu: CPU;
  readonly hz: number;
  readonly ports: AvrPorts;
  readonly usart: AvrUsart;
  readonly eeprom: AvrEeprom;
  /** Instructions executed, for measurements. */
  instructions = 0;
  /** How often it was woken. */
  wakes = 0;
  /** Called when the chip is about to restart by its watchdog. */
  onReset: (cause: ResetCause) => void = () => undefined;
  readonly #instructions: ReturnType<typeof instructionTable>;
  readonly #timer: AvrTimer;
  readonly #watchdog: AvrWatchdog;
  readonly #peripherals: readonly Peripheral[];
  #due = Infinity;
  #isAsleep = false;
  #sleptSince = 0;
  readonly #slept = { idle: 0, down: 0 };
  #isOn = false;

  /**
   * @param eeprom its bytes, which the chip changes
   * @param watchdogError by how much the watchdog's oscillator is too fast, as a share
   */
  constructor(
    { CPU: Processor, avrInstruction }: Emulator,
    kind: ChipKind,
    hz: number,
    flash: Uint8Array<ArrayBuffer>,
    eeprom: Uint8Array,
    voltages: Voltages,
    watchdogError = 0,
  ) {
    this.#instructions = instructionsOf(avrInstruction);
    this.hz = hz;
    this.cpu = new Processor(new Uint16Array(flash.buffer), kind.ramBytes);
    const core = { cpu: this.cpu, hz, rescheduled: () => this.#reschedule() };
    this.ports = new AvrPorts(this.cpu, kind);
    this.usart = new AvrUsart(core, kind);
    this.eeprom = new AvrEeprom(core, kind, eeprom);
    this.#timer = new AvrTimer(core, kind);
    this.#watchdog = new AvrWatchdog(core, kind, watchdogError);
    this.#watchdog.onReset = () => this.reset('watchdog');
    this.#peripherals = [this.usart, this.#timer, this.#watchdog, this.eeprom, new AvrAdc(core, kind, voltages)];
    for (const { register, what } of kind.absent) {
      this.cpu.writeHooks[register] = (value) => {
        if (value !== 0) throw new RangeError(`the emulator has no ${what}`);
      };
    }
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** True while it sleeps in a mode that stops the clocks of timers and USART. */
  get isDown(): boolean {
    return this.#isAsleep && this.#isStopped;
  }

  /**
   * Cycles asleep, for measurements: while the clocks of timers and USART run on, and while not.
   */
  get slept(): { readonly idle: number; readonly down: number } {
    const now = this.#isAsleep ? this.cpu.cycles - this.#sleptSince : 0;
    const { idle, down } = this.#slept;
    return this.#isStopped ? { idle, down: down + now } : { idle: idle + now, down };
  }

  /** The cycle at which it next has something to do: the present one while it is awake. */
  get nextCycle(): number {
    if (!this.#isOn) return Infinity;
    return this.#isAsleep && !this.#isWoken ? Math.max(this.#due, this.cpu.cycles) : this.cpu.cycles;
  }

  /** Switches it on or restarts it. `ram` fills its memory, which a restart keeps. */
  reset(cause: ResetCause, ram?: (length: number) => Uint8Array): void {
    const { cpu } = this;
    const causes = cause === 'power' ? 0 : (cpu.data[MCUSR] ?? 0);
    cpu.reset();
    cpu.data.fill(0, ...IO_REGISTERS);
    cpu.SP = cpu.data.length - 1;
    if (ram !== undefined) cpu.data.set(ram(cpu.data.length - 0x100), 0x100);
    for (const each of this.#peripherals) each.reset();
    this.ports.reset();
    cpu.data[MCUSR] = causes | CAUSES[cause];
    this.#isOn = true;
    this.#isAsleep = false;
    cpu.cycles += CRYSTAL_CYCLES + Math.round((RESET_MS * this.hz) / 1000);
    if (cause === 'watchdog') this.#watchdog.stayOn();
    this.#reschedule();
    this.onReset(cause);
  }

  /** The power is gone. A byte of the EEPROM that is being programmed becomes `remains`. */
  switchOff(remains: number): void {
    this.#isOn = false;
    this.eeprom.cut(remains);
    this.cpu.data.fill(0, ...IO_REGISTERS);
    for (const each of this.#peripherals) each.reset();
    this.ports.reset();
  }

  /** Runs up to this cycle, or a few cycles more. */
  runUntil(cycle: number): void {
    const { cpu } = this;
    while (cpu.cycles < cycle) {
      if (!this.#isOn) {
        cpu.cycles = cycle;
        return;
      }
      if (this.#isAsleep) this.#sleep(cycle);
      else this.#run(cycle);
    }
  }

  #run(until: number): void {
    const { cpu } = this;
    const { data, progMem } = cpu;
    const instructions = this.#instructions;
    let count = 0;
    while (cpu.cycles < until) {
      const opcode = progMem[cpu.pc] ?? 0;
      if (opcode === SLEEP && ((data[SMCR] ?? 0) & SLEEP_ENABLE) !== 0) {
        cpu.pc += 1;
        cpu.cycles += 1;
        this.#isAsleep = true;
        this.#sleptSince = cpu.cycles;
        break;
      }
      if (opcode === EEPROM_WAIT[0] && progMem[cpu.pc + 1] === EEPROM_WAIT[1]) this.#skipEepromWait(until);
      instructions[opcode]?.(cpu, opcode);
      count += 1;
      if (cpu.cycles >= this.#due) this.#act();
      // One more instruction follows SEI and RETI before an interrupt is served (section 7.7).
      if (cpu.nextInterrupt >= 0 && ((data[SREG] ?? 0) & GLOBAL_INTERRUPT) !== 0 && opcode !== SEI && opcode !== RETI) {
        cpu.tick();
        cpu.cycles += INTERRUPT_CYCLES;
      }
    }
    this.instructions += count;
  }

  /** Each turn of that loop is like the one before it until a part of the chip acts. */
  #skipEepromWait(until: number): void {
    const { cpu } = this;
    if (this.eeprom.programming === undefined) return;
    const cycles = Math.min(this.#due, until) - 1 - cpu.cycles;
    if (cycles > 0) cpu.cycles += cycles - (cycles % EEPROM_WAIT_CYCLES);
  }

  #sleep(until: number): void {
    const { cpu } = this;
    while (!this.#isWoken) {
      if (this.#due > until) {
        cpu.cycles = Math.max(cpu.cycles, until);
        return;
      }
      cpu.cycles = Math.max(cpu.cycles, this.#due);
      this.#act();
      // The watchdog has reset it.
      if (!this.#isAsleep) return;
    }
    this.#isAsleep = false;
    this.wakes += 1;
    this.#slept[this.#isStopped ? 'down' : 'idle'] += cpu.cycles - this.#sleptSince;
    if (this.#isStopped) {
      cpu.cycles += CRYSTAL_CYCLES;
      this.#timer.stoodStill(cpu.cycles - this.#sleptSince);
      this.usart.stoodStill();
    }
    cpu.tick();
    cpu.cycles += INTERRUPT_CYCLES + WAKE_CYCLES;
    this.#reschedule();
  }

  get #isWoken(): boolean {
    return this.cpu.nextInterrupt >= 0 && ((this.cpu.data[SREG] ?? 0) & GLOBAL_INTERRUPT) !== 0;
  }

  /** True in a mode that stops the clock of timers and USART. */
  get #isStopped(): boolean {
    return ((this.cpu.data[SMCR] ?? 0) & 0x0e) >> 1 !== IDLE;
  }

  #act(): void {
    const { cycles } = this.cpu;
    for (const each of this.#peripherals) if (each.dueCycle <= cycles && this.#runs(each)) each.act();
    this.#reschedule();
  }

  #runs(peripheral: Peripheral): boolean {
    if (!this.#isAsleep || !this.#isStopped) return true;
    return peripheral !== this.#timer && peripheral !== this.usart;
  }

  #reschedule(): void {
    let due = Infinity;
    for (const each of this.#peripherals) if (each.dueCycle < due && this.#runs(each)) due = each.dueCycle;
    this.#due = due;
  }
}

let known: { execute: (cpu: CPU) => void; table: ReturnType<typeof instructionTable> } | undefined;
function instructionsOf(execute: (cpu: CPU) => void) {
  if (known?.execute !== execute) known = { execute, table: instructionTable(execute) };
  return known.table;
}
