import { FirmataBoard } from '../firmata/firmata-board.ts';
import { type ContactBoard, isClosed } from './contact-wire.ts';
import type { SimulatedContact, SimulatedDevice, SimulatedInput } from './site-file.ts';
import { TerminalPlug } from './terminal-plug.ts';

/** The first analogue input of an Arduino Uno is pin 14. */
const FIRST_ANALOGUE_PIN = 14;
/** Resistors of the loops in ohms, equal to the board's pull-up. */
const LOOP_OHMS = 5_600;

/**
 * A Firmata board with contacts and loops on its pins, on a pseudo-terminal at the path of the
 * configured port.
 */
export class FirmataWireBoard implements ContactBoard {
  readonly board = new FirmataBoard({ pullUpOhms: LOOP_OHMS });
  readonly #plug: TerminalPlug;

  constructor(input: SimulatedInput) {
    this.#plug = new TerminalPlug(input.port, this.board);
  }

  set(_device: SimulatedDevice, contact: SimulatedContact, active: boolean): void {
    const { pin = '', contact: wiring } = contact;
    if (pin.startsWith('A')) this.#setLoop(FIRST_ANALOGUE_PIN + Number(pin.slice(1)), wiring, active);
    // The contact connects to ground, with a pull-up.
    else this.board.drive(Number(pin), isClosed(contact, active) ? 0 : 1);
  }

  onNotice(listener: (text: string, isToGateway: boolean) => void): void {
    this.board.onOutput((pin, value) => listener(`pin ${pin} is driven ${value > 0 ? 'high' : 'low'}`, false));
  }

  breakWires(_device: SimulatedDevice, { pin = '' }: SimulatedContact, how: 'cut' | 'short'): void {
    if (pin.startsWith('A'))
      this.board.loop(FIRST_ANALOGUE_PIN + Number(pin.slice(1)), how === 'cut' ? 'open' : 'short');
    else this.board.drive(Number(pin), how === 'cut' ? 1 : 0);
  }

  unplug(): void {
    this.#plug.unplug();
  }

  replug(): void {
    this.#plug.replug();
  }

  noise(bytes: Uint8Array): void {
    this.board.garbage(bytes);
  }

  stop(): void {
    this.board.stop();
    this.#plug.stop();
  }

  #setLoop(pin: number, wiring: string, active: boolean): void {
    if (wiring === 'doubleEndOfLine') this.board.loop(pin, { ohms: active ? 2 * LOOP_OHMS : LOOP_OHMS });
    else this.board.loop(pin, active ? 'short' : { ohms: LOOP_OHMS });
  }
}
