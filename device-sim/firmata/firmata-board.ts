import type { ByteDuplex } from '../byte-duplex.ts';
import { realTime, type Scheduler } from '../nodes/scheduler.ts';
import { type Random, randomBelow, seededRandom } from '../random.ts';
import { BoardPins, portOf } from './board-pins.ts';
import { FirmataReader, type HostCommand } from './firmata-reader.ts';
import * as wire from './firmata-wire.ts';

export interface FirmataBoardSettings {
  /**
   * Number of pins. Default 20, as on an Arduino Uno. The last `analogInputs` pins have analogue
   * inputs.
   */
  readonly pins?: number;
  /** Default 6. */
  readonly analogInputs?: number;
  /** Resolution of the analogue inputs in bits. Default 10. */
  readonly adcBits?: number;
  /** Resistor from an analogue input to the supply in ohms. Default 5600. */
  readonly pullUpOhms?: number;
  readonly scheduler?: Scheduler;
}

/** The electrical state of a loop at the board. */
type LoopEnd = { readonly ohms: number } | 'short' | 'open';

const FIRMWARE = 'StandardFirmata.ino';
const DEFAULT_SAMPLING_MS = 19;

/**
 * A board that behaves like the sketch StandardFirmata 2.5 (github.com/firmata/arduino,
 * StandardFirmata.ino). It reports a port when one of its inputs changes and whenever the host
 * asks. It reports its analogue inputs at each sampling interval.
 */
export class FirmataBoard {
  readonly #pins: BoardPins;
  readonly #pullUpOhms: number;
  readonly #scheduler: Scheduler;
  readonly #random: Random = seededRandom(1);
  readonly #outputListeners = new Set<(pin: number, value: number) => void>();
  readonly #reportedPorts = new Map<number, number>();
  readonly #reportedChannels = new Set<number>();
  #reader = new FirmataReader();
  #duplex: ByteDuplex | undefined;
  #stopListening: (() => void) | undefined;
  #samplingMs = DEFAULT_SAMPLING_MS;
  #callOff: (() => void) | undefined;
  #hanging = false;

  constructor(settings: FirmataBoardSettings = {}) {
    const { pins = 20, analogInputs = 6, adcBits = 10 } = settings;
    this.#pins = new BoardPins(pins, analogInputs, adcBits, (pin, value) => {
      for (const listener of this.#outputListeners) listener(pin, value);
    });
    this.#pullUpOhms = settings.pullUpOhms ?? 5_600;
    this.#scheduler = settings.scheduler ?? realTime;
  }

  /**
   * Plugs the board into this cable and unplugs it from its old one. The sketch runs on: the USB
   * chip does not restart it.
   */
  attach(duplex: ByteDuplex): void {
    this.detach();
    this.#duplex = duplex;
    this.#reader = new FirmataReader();
    this.#stopListening = duplex.onData((bytes) => this.#hear(bytes));
  }

  detach(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#duplex = undefined;
  }

  stop(): void {
    this.#stopSampling();
    this.detach();
  }

  /** Drives a digital pin to a level from outside; `undefined` lets it float. */
  drive(pin: number, level: 0 | 1 | undefined): void {
    this.#pins.pin(pin).driven = level;
    const port = portOf(pin);
    const before = this.#reportedPorts.get(port);
    if (!this.#hanging && before !== undefined && before !== this.#pins.levelsOf(port)) this.#report(port);
  }

  /**
   * Puts a voltage of 0…1 of the supply on a pin with an analogue input. The board sees it at the
   * next sampling.
   */
  analog(pin: number, ratio: number): void {
    this.#pins.pin(pin).ratio = ratio;
  }

  /** Sets the state of the loop at a pin with an analogue input. */
  loop(pin: number, end: LoopEnd): void {
    if (end === 'short') this.analog(pin, 0);
    else if (end === 'open') this.analog(pin, 1);
    else this.analog(pin, end.ohms / (end.ohms + this.#pullUpOhms));
  }

  /** Returns the value of each pin in an output mode: 0 or 1, in PWM mode 0…255. */
  get outputs(): ReadonlyMap<number, number> {
    return this.#pins.outputs;
  }

  /** Calls back at each change of an output. Returns a function that removes the listener. */
  onOutput(listener: (pin: number, value: number) => void): () => void {
    this.#outputListeners.add(listener);
    return () => this.#outputListeners.delete(listener);
  }

  /** Returns true if the chip's own pull-up is on. */
  isPulledUp(pin: number): boolean {
    return this.#pins.pin(pin).pullUp;
  }

  /** Restarts the board, as after a dip of its supply. It then reports its firmware. */
  reset(): void {
    this.#hanging = false;
    this.#forget();
    this.#send(wire.version());
    this.#send(wire.firmware(FIRMWARE));
  }

  /** Stops the sketch until `reset`. */
  hang(): void {
    this.#hanging = true;
    this.#stopSampling();
  }

  /** Runs `work`. All that the board sends meanwhile is lost on the line. */
  mute(work: () => void): void {
    const duplex = this.#duplex;
    this.#duplex = undefined;
    work();
    this.#duplex = duplex;
  }

  /** Sets a pin's mode without a command, as a fault of the sketch would. */
  override(pin: number, mode: wire.PinMode): void {
    this.#pins.setMode(pin, mode);
  }

  /** Sends this number of random bytes, or these bytes. */
  garbage(bytes: number | Uint8Array): void {
    const noise =
      typeof bytes === 'number' ? Uint8Array.from({ length: bytes }, () => randomBelow(this.#random, 256)) : bytes;
    this.#send(noise);
  }

  #forget(): void {
    this.#stopSampling();
    this.#reader = new FirmataReader();
    this.#reportedPorts.clear();
    this.#reportedChannels.clear();
    this.#samplingMs = DEFAULT_SAMPLING_MS;
    this.#pins.reset();
  }

  #hear(bytes: Uint8Array): void {
    if (this.#hanging) return;
    for (const command of this.#reader.push(bytes)) {
      const answer = this.#answerTo(command);
      if (answer !== undefined) this.#send(answer);
      else this.#obey(command);
    }
  }

  #answerTo(command: HostCommand): Uint8Array | undefined {
    switch (command.type) {
      case 'version':
        return wire.version();
      case 'firmware':
        return wire.firmware(FIRMWARE);
      case 'capabilities':
        return wire.capabilities(this.#pins.capabilities);
      case 'analogMapping':
        return wire.analogMapping(this.#pins.channels);
      case 'pinState': {
        const found = this.#pins.stateOf(command.pin);
        return found === undefined ? undefined : wire.pinState(command.pin, found.mode, found.state);
      }
      default:
        return undefined;
    }
  }

  #obey(command: HostCommand): void {
    switch (command.type) {
      case 'systemReset':
        this.#forget();
        break;
      case 'samplingInterval':
        this.#samplingMs = Math.max(1, command.ms);
        break;
      case 'pinMode':
        this.#pins.setMode(command.pin, command.mode);
        break;
      case 'reportPort':
        if (command.on) this.#report(command.port);
        else this.#reportedPorts.delete(command.port);
        break;
      case 'reportChannel':
        this.#reportChannel(command.channel, command.on);
        break;
      case 'writePort':
        this.#pins.writePort(command.port, command.levels);
        break;
      case 'writePin':
        this.#pins.writeIn(wire.OUTPUT, command.pin, command.level);
        break;
      case 'writeAnalog':
        this.#pins.writeIn(wire.PWM, command.pin, command.value);
        break;
    }
  }

  #report(port: number): void {
    const levels = this.#pins.levelsOf(port);
    this.#reportedPorts.set(port, levels);
    this.#send(wire.digitalReport(port, levels));
  }

  #reportChannel(channel: number, on: boolean): void {
    if (on) this.#reportedChannels.add(channel);
    else this.#reportedChannels.delete(channel);
    this.#callOff ??= this.#scheduler.after(0, () => this.#sample());
  }

  #sample(): void {
    for (const channel of this.#reportedChannels) {
      const reading = this.#pins.readingOf(channel);
      if (reading !== undefined) this.#send(wire.analogReport(channel, reading));
    }
    this.#callOff = this.#scheduler.after(this.#samplingMs, () => this.#sample());
  }

  #stopSampling(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }

  #send(bytes: Uint8Array): void {
    this.#duplex?.write(bytes);
  }
}
