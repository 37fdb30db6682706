import type { ChipKind } from './avr-chip-kinds.ts';
import type { ChipCore, Interrupt, Peripheral } from './avr-peripheral.ts';

const WDTCSR = 0x60;
const WDIF = 0x80;
const WDIE = 0x40;
const WDP3 = 0x20;
const WDCE = 0x10;
const WDE = 0x08;
const WDP = 0x27;
const CHANGE_CYCLES = 4;
const OSCILLATOR_HZ = 128_000;
const SHORTEST_TICKS = 2048;

/** The watchdog. Its own oscillator runs on while the processor's clock stands still. */
export class AvrWatchdog implements Peripheral {
  dueCycle = Infinity;
  /** Called when it resets the chip. */
  onReset: () => void = () => undefined;
  readonly #core: ChipCore;
  readonly #interrupt: Interrupt;
  readonly #hz: number;
  #mayChangeUntil = -1;

  constructor(core: ChipCore, { vectors }: ChipKind, error: number) {
    this.#core = core;
    this.#hz = OSCILLATOR_HZ * (1 + error);
    const { cpu } = core;
    this.#interrupt = {
      address: vectors.watchdog,
      flagRegister: WDTCSR,
      flagMask: WDIF,
      enableRegister: WDTCSR,
      enableMask: WDIE,
    };
    cpu.onWatchdogReset = () => this.#restart();
    cpu.writeHooks[WDTCSR] = (value, old) => {
      if ((value & (WDCE | WDE)) === (WDCE | WDE)) {
        this.#mayChangeUntil = cpu.cycles + CHANGE_CYCLES;
        cpu.data[WDTCSR] = (old & (WDP | WDIE)) | WDCE | WDE;
        return true;
      }
      const mayChange = cpu.cycles <= this.#mayChangeUntil;
      // Without the timed sequence only WDIE and WDIF change, and WDE is set (section 11.9.2).
      const bits = mayChange ? value & (WDP | WDE) : (old & (WDP | WDE)) | (value & WDE);
      cpu.data[WDTCSR] = bits | (value & WDIE) | (old & WDIF);
      cpu.clearInterruptByFlag(this.#interrupt, value);
      cpu.updateInterruptEnable(this.#interrupt, value);
      this.#restart();
      return true;
    };
  }

  act(): void {
    const { cpu } = this.#core;
    const control = cpu.data[WDTCSR] ?? 0;
    if ((control & WDIE) === 0) {
      this.onReset();
      return;
    }
    cpu.setInterruptFlag(this.#interrupt);
    // With both bits the interrupt comes first, and the reset with the next time-out.
    if ((control & WDE) !== 0) cpu.data[WDTCSR] = (cpu.data[WDTCSR] ?? 0) & ~WDIE;
    this.#restart();
  }

  reset(): void {
    this.#mayChangeUntil = -1;
    this.dueCycle = Infinity;
  }

  /** After a reset by the watchdog it stays on, with its shortest time. */
  stayOn(): void {
    this.#core.cpu.data[WDTCSR] = WDE;
    this.#restart();
  }

  #restart(): void {
    const control = this.#core.cpu.data[WDTCSR] ?? 0;
    const power = (control & 7) | ((control & WDP3) >> 2);
    const ticks = SHORTEST_TICKS * 2 ** Math.min(power, 9);
    const isOn = (control & (WDE | WDIE)) !== 0;
    this.dueCycle = isOn ? this.#core.cpu.cycles + Math.round((ticks / this.#hz) * this.#core.hz) : Infinity;
    this.#core.rescheduled();
  }
}
