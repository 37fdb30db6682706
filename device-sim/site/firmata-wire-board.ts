import { FirmataBoard } from '../firmata/firmata-board.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../pty/pseudo-terminal.ts';
import { type ContactBoard, isClosed } from './contact-wire.ts';
import { linkedPath } from './linked-path.ts';
import type { SimulatedContact, SimulatedDevice, SimulatedInput } from './site-file.ts';

/** The first analogue input of an Arduino Uno is its pin 14. */
const FIRST_ANALOGUE_PIN = 14;
/** Resistors of the loops, the value of the board's pull-up. */
const LOOP_OHMS = 5_600;

/** A Firmata board with contacts and loops on its pins, on a pseudo-terminal where the configuration says the port is. */
export class FirmataWireBoard implements ContactBoard {
  readonly #port: string;
  readonly #board = new FirmataBoard({ pullUpOhms: LOOP_OHMS });
  #terminal: PseudoTerminal;

  constructor(input: SimulatedInput) {
    this.#port = linkedPath(input.port);
    this.#terminal = this.#plug();
  }

  set(_device: SimulatedDevice, contact: SimulatedContact, active: boolean): void {
    const { pin = '', contact: wiring } = contact;
    if (pin.startsWith('A')) this.#setLoop(FIRST_ANALOGUE_PIN + Number(pin.slice(1)), wiring, active);
    // To ground, with a pull-up.
    else this.#board.drive(Number(pin), isClosed(contact, active) ? 0 : 1);
  }

  unplug(): void {
    this.#board.detach();
    this.#terminal.close();
  }

  replug(): void {
    this.#terminal = this.#plug();
  }

  noise(bytes: Uint8Array): void {
    this.#board.garbage(bytes);
  }

  stop(): void {
    this.#board.stop();
    this.#terminal.close();
  }

  #setLoop(pin: number, wiring: string, active: boolean): void {
    if (wiring === 'doubleEndOfLine') this.#board.loop(pin, { ohms: active ? 2 * LOOP_OHMS : LOOP_OHMS });
    else this.#board.loop(pin, active ? 'short' : { ohms: LOOP_OHMS });
  }

  #plug(): PseudoTerminal {
    const terminal = openPseudoTerminal();
    terminal.link(this.#port);
    this.#board.attach(terminal);
    return terminal;
  }
}
