import type { CPU } from 'avr8js';
import type { ChipKind } from './avr-chip-kinds.ts';
import type { Interrupt } from './avr-peripheral.ts';

const PCIFR = 0x3b;
const PCICR = 0x68;

/** What is connected to a pin from outside. */
export type Drive = 'open' | 'ground' | 'supply';

interface Port {
  readonly pin: number;
  readonly ddr: number;
  readonly port: number;
  readonly change: { readonly mask: number; readonly interrupt: Interrupt } | undefined;
  /** Bits that something outside holds, and at which level. */
  held: number;
  level: number;
}

/** The pins: outputs, inputs with pull-ups, and the pin change interrupts. */
export class AvrPorts {
  /** Called after an output may have changed. */
  onOutput: () => void = () => undefined;
  /** Called after a mask of the pin change interrupts was written. */
  onMask: () => void = () => undefined;
  readonly #cpu: CPU;
  readonly #ports = new Map<string, Port>();

  constructor(cpu: CPU, kind: ChipKind) {
    this.#cpu = cpu;
    kind.pinChanges.forEach(({ port, mask, vector }, bit) => {
      const interrupt: Interrupt = {
        address: vector,
        flagRegister: PCIFR,
        flagMask: 1 << bit,
        enableRegister: PCICR,
        enableMask: 1 << bit,
      };
      const pin = kind.ports[port] ?? 0;
      this.#add(port, { pin, ddr: pin + 1, port: pin + 2, change: { mask, interrupt }, held: 0, level: 0 });
      cpu.writeHooks[mask] = (value) => {
        cpu.data[mask] = value;
        this.onMask();
        return true;
      };
    });
    const interrupts = [...this.#ports.values()].flatMap(({ change }) => change?.interrupt ?? []);
    cpu.writeHooks[PCIFR] = (value) => {
      for (const each of interrupts) cpu.clearInterruptByFlag(each, value);
      return true;
    };
    cpu.writeHooks[PCICR] = (value) => {
      for (const each of interrupts) cpu.updateInterruptEnable(each, value);
    };
  }

  /** Connects something to a pin. */
  drive(letter: string, bit: number, drive: Drive): void {
    const port = this.#port(letter);
    const mask = 1 << bit;
    port.held = drive === 'open' ? port.held & ~mask : port.held | mask;
    port.level = drive === 'supply' ? port.level | mask : port.level & ~mask;
    this.#update(port);
  }

  /** Returns the level that the program gives a pin; `undefined` if the pin is an input. */
  output(letter: string, bit: number): boolean | undefined {
    const { ddr, port } = this.#port(letter);
    if ((((this.#cpu.data[ddr] ?? 0) >> bit) & 1) === 0) return undefined;
    return (((this.#cpu.data[port] ?? 0) >> bit) & 1) === 1;
  }

  /** True if a change at the pin raises an interrupt flag. */
  isWatched(letter: string, bit: number): boolean {
    const { change } = this.#port(letter);
    return change !== undefined && (((this.#cpu.data[change.mask] ?? 0) >> bit) & 1) === 1;
  }

  /** The level of a pin has changed that `drive` does not know of. */
  changed(letter: string, bit: number): void {
    const { change } = this.#port(letter);
    if (change !== undefined && this.isWatched(letter, bit)) this.#cpu.setInterruptFlag(change.interrupt);
  }

  /** After a reset: all pins are inputs without pull-ups. What is outside stays. */
  reset(): void {
    for (const port of this.#ports.values()) this.#cpu.data[port.pin] = port.held & port.level;
    this.onOutput();
  }

  #add(letter: string, port: Port): void {
    const cpu = this.#cpu;
    this.#ports.set(letter, port);
    for (const register of [port.ddr, port.port]) {
      cpu.writeHooks[register] = (value) => {
        cpu.data[register] = value;
        this.#update(port);
        this.onOutput();
        return true;
      };
    }
    // Ones that are written to PIN toggle PORT (section 14.2.2).
    cpu.writeHooks[port.pin] = (value, _old, _address, mask) => {
      cpu.data[port.port] = (cpu.data[port.port] ?? 0) ^ (value & mask);
      this.#update(port);
      this.onOutput();
      return true;
    };
  }

  #update({ pin, ddr, port, change, held, level }: Port): void {
    const { data } = this.#cpu;
    const outputs = data[ddr] ?? 0;
    const inputs = (held & level) | (~held & (data[port] ?? 0));
    const now = ((outputs & (data[port] ?? 0)) | (~outputs & inputs)) & 0xff;
    const changes = now ^ (data[pin] ?? 0);
    data[pin] = now;
    if (change !== undefined && (changes & (data[change.mask] ?? 0)) !== 0)
      this.#cpu.setInterruptFlag(change.interrupt);
  }

  #port(letter: string): Port {
    const port = this.#ports.get(letter);
    if (port === undefined) throw new RangeError(`the chip has no port ${letter}`);
    return port;
  }
}
