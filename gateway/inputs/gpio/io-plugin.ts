import { EventEmitter } from 'node:events';
import type { Level } from './linux-gpio.ts';

/** Modes by the numbers Firmata gave them, which johnny-five and all its IO plugins share. */
const MODES = { INPUT: 0, OUTPUT: 1, ANALOG: 2, PWM: 3, SERVO: 4, PULLUP: 11 } as const;

interface Pin {
  /** The line's name. */
  readonly id: string;
  readonly readEvent: string;
  readonly supportedModes: readonly number[];
  /** No analogue input: 127, as in Firmata. */
  readonly analogChannel: number;
  readonly report: number;
  mode: number | undefined;
  value: Level;
}

/**
 * An IO plugin of johnny-five over lines of a gpiochip, which are its pins under their kernel
 * names. It outlives the chip: what is written while there is none is the level the line gets when
 * there is one again.
 */
export class GpioIo extends EventEmitter {
  readonly name = 'gpiochip';
  readonly isReady = true;
  readonly MODES = MODES;
  readonly HIGH = 1;
  readonly LOW = 0;
  readonly analogPins: readonly number[] = [];
  readonly pins: readonly Pin[];
  /**
   * Where levels of outputs go; `undefined` while there is no chip. May throw, and what it throws
   * comes out of `digitalWrite`.
   */
  writer: ((name: string, level: Level) => void) | undefined;
  readonly #byName = new Map<string, Pin>();

  constructor(lines: readonly string[]) {
    super();
    // One listener a pin that is read; the default would warn at the eleventh.
    this.setMaxListeners(0);
    const supportedModes = [MODES.INPUT, MODES.OUTPUT, MODES.PULLUP];
    const unset = { supportedModes, analogChannel: 127, report: 1, mode: undefined, value: 0 } as const;
    this.pins = lines.map((id) => ({ ...unset, id, readEvent: `digital-read-${id}` }));
    for (const pin of this.pins) this.#byName.set(pin.id, pin);
  }

  pinMode(name: string, mode: number): void {
    this.#pin(name).mode = mode;
  }

  /** A pin never given a mode becomes an output: johnny-five's Relay gives none. */
  digitalWrite(name: string, value: number): void {
    const pin = this.#pin(name);
    pin.mode ??= MODES.OUTPUT;
    pin.value = value === 0 ? 0 : 1;
    this.writer?.(name, pin.value);
  }

  /** Calls back with the level now and at each change. */
  digitalRead(name: string, callback: (level: Level) => void): void {
    const { value, readEvent } = this.#pin(name);
    this.on(readEvent, callback);
    process.nextTick(callback, value);
  }

  /** Level last written, or told by `changed`. */
  levelOf(name: string): Level {
    return this.#pin(name).value;
  }

  /** An input's level, from the chip. */
  changed(name: string, level: Level): void {
    const pin = this.#byName.get(name);
    if (pin === undefined || pin.value === level) return;
    pin.value = level;
    this.emit(pin.readEvent, level);
  }

  #pin(name: string): Pin {
    const pin = this.#byName.get(name);
    if (pin === undefined) throw new Error(`${name} is not a pin of this board`);
    return pin;
  }
}
