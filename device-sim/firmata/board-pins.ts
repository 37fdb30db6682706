import { ANALOG, INPUT, OUTPUT, type PinMode, PULLUP, PWM } from './firmata-wire.ts';

/** A mode and its resolution in bits. */
type Capability = readonly [PinMode, number];

interface Pin {
  mode: PinMode;
  /** True if the chip's own pull-up is on. */
  pullUp: boolean;
  /** Level that the pin gets from outside; `undefined` if it floats. */
  driven: 0 | 1 | undefined;
  /** Last value written: 0 or 1, or 0…255 in PWM mode. */
  written: number;
  /** Voltage as a share of the supply, 0…1. */
  ratio: number;
}

const PINS_A_PORT = 8;
const SERIAL_PINS = 2;
const UNO_PWM = [3, 5, 6, 9, 10, 11];

/** The pins of a board as StandardFirmata handles them. The last pins have analogue inputs. */
export class BoardPins {
  readonly #pins: Pin[];
  readonly #analogInputs: number;
  readonly #adcBits: number;
  readonly #onOutput: (pin: number, value: number) => void;

  constructor(count: number, analogInputs: number, adcBits: number, onOutput: (pin: number, value: number) => void) {
    this.#analogInputs = analogInputs;
    this.#adcBits = adcBits;
    this.#onOutput = onOutput;
    this.#pins = Array.from({ length: count }, (_, pin) => this.#fresh(pin, count));
  }

  /** Resets the pins like `systemResetCallback`. The wiring stays. */
  reset(): void {
    for (const [index, pin] of this.#pins.entries()) {
      this.#write(index, 0);
      const { driven, ratio } = pin;
      this.#pins[index] = { ...this.#fresh(index, this.#pins.length), driven, ratio };
    }
  }

  /** @throws RangeError if there is no such pin. */
  pin(index: number): Pin {
    const pin = this.#pins[index];
    if (pin === undefined) throw new RangeError(`the board has no pin ${index}`);
    return pin;
  }

  /** Returns the modes of each pin in the sketch's order. The serial pins have none. */
  get capabilities(): readonly (readonly Capability[])[] {
    return this.#pins.map((_, pin) => this.#modesOf(pin));
  }

  /** Returns the number of each pin's analogue input. */
  get channels(): readonly (number | undefined)[] {
    return this.#pins.map((_, pin) => channelOf(pin, this.#pins.length, this.#analogInputs));
  }

  get outputs(): ReadonlyMap<number, number> {
    const out = new Map<number, number>();
    for (const [pin, { mode, written }] of this.#pins.entries()) {
      if (mode === OUTPUT || mode === PWM) out.set(pin, written);
    }
    return out;
  }

  setMode(index: number, mode: PinMode): void {
    const pin = this.#pins[index];
    if (pin === undefined || !this.#modesOf(index).some(([known]) => known === mode)) return;
    pin.mode = mode;
    pin.pullUp = mode === PULLUP;
    if (mode === OUTPUT) this.#write(index, 0);
  }

  /**
   * Acts like `digitalWriteCallback`: a 1 written to an input switches its pull-up on, as sketches
   * for Arduino 0 expected.
   */
  writePort(port: number, levels: number): void {
    for (let bit = 0; bit < PINS_A_PORT; bit++) {
      const index = port * PINS_A_PORT + bit;
      const level = (levels >> bit) & 1;
      const pin = this.#pins[index];
      if (pin?.mode === INPUT && level === 1) pin.pullUp = true;
      else this.writeIn(OUTPUT, index, level);
    }
  }

  /** Ignores a pin in another mode. */
  writeIn(mode: PinMode, index: number, value: number): void {
    if (this.#pins[index]?.mode === mode) this.#write(index, value);
  }

  /** Returns the value for a pin state query: the value written, or whether the pull-up is on. */
  stateOf(index: number): { readonly mode: PinMode; readonly state: number } | undefined {
    const pin = this.#pins[index];
    if (pin === undefined) return undefined;
    const isOutput = pin.mode === OUTPUT || pin.mode === PWM;
    return { mode: pin.mode, state: isOutput ? pin.written : Number(pin.pullUp) };
  }

  /** Returns the inputs of a port that are high. Bit 0 is its lowest pin. */
  levelsOf(port: number): number {
    let levels = 0;
    for (let bit = 0; bit < PINS_A_PORT; bit++) {
      const pin = this.#pins[port * PINS_A_PORT + bit];
      const isInput = pin?.mode === INPUT || pin?.mode === PULLUP;
      if (isInput && (pin.driven ?? Number(pin.pullUp)) === 1) levels |= 1 << bit;
    }
    return levels;
  }

  /** Returns the converter's reading; `undefined` if the pin is not in analogue mode. */
  readingOf(channel: number): number | undefined {
    const pin = this.#pins[this.#pins.length - this.#analogInputs + channel];
    return pin?.mode === ANALOG ? Math.round(pin.ratio * (2 ** this.#adcBits - 1)) : undefined;
  }

  #fresh(pin: number, count: number): Pin {
    const mode = channelOf(pin, count, this.#analogInputs) === undefined ? OUTPUT : ANALOG;
    return { mode, pullUp: false, driven: undefined, written: 0, ratio: 0 };
  }

  #modesOf(pin: number): readonly Capability[] {
    if (pin < SERIAL_PINS) return [];
    const modes: Capability[] = [
      [INPUT, 1],
      [PULLUP, 1],
      [OUTPUT, 1],
    ];
    if (this.channels[pin] !== undefined) modes.push([ANALOG, this.#adcBits]);
    if (UNO_PWM.includes(pin)) modes.push([PWM, 8]);
    return modes;
  }

  #write(index: number, value: number): void {
    const pin = this.pin(index);
    if (pin.written === value) return;
    pin.written = value;
    this.#onOutput(index, value);
  }
}

export function portOf(pin: number): number {
  return Math.floor(pin / PINS_A_PORT);
}

function channelOf(pin: number, count: number, analogInputs: number): number | undefined {
  const channel = pin - (count - analogInputs);
  return channel >= 0 ? channel : undefined;
}
