import type { FrameEntry } from '../../protocol/recording/recording.ts';
import { ContactWire } from '../site/contact-wire.ts';
import { FirmataWireBoard } from '../site/firmata-wire-board.ts';
import { GpioBoard } from '../site/gpio-board.ts';
import type { SimulatedInput } from '../site/site-file.ts';
import type { GatewayNeeds } from '../site/wire.ts';
import { FirmataDecoder } from './decode/contact-decoders.ts';
import type { ReplayWire } from './replay-wire.ts';

/** GPIO lines take the recorded levels. Until then each contact is at rest. */
export class RecordedContacts implements ReplayWire {
  readonly #board: GpioBoard;
  readonly #rest: ContactWire;

  constructor(input: SimulatedInput) {
    this.#board = new GpioBoard(input);
    this.#rest = new ContactWire(input, this.#board);
  }

  get ready(): Promise<void> {
    return this.#rest.ready;
  }

  get gatewayNeeds(): GatewayNeeds {
    return this.#rest.gatewayNeeds;
  }

  play({ direction, bytes, about }: FrameEntry): void {
    if (direction === 'in' && about.line !== undefined) this.#board.drive(about.line, bytes[0] === 1 ? 1 : 0);
  }

  isRead(): boolean {
    return true;
  }

  stop(): void {
    this.#rest.stop();
  }
}

/** The first analogue input of an Arduino Uno is pin 14. */
const FIRST_ANALOGUE_PIN = 14;
const PINS_OF_A_PORT = 8;
const HIGHEST_READING = 1023;

/**
 * A Firmata board. It answers the gateway's questions itself, and its pins take the levels that the
 * recorded board reported. Until then each contact is at rest.
 */
export class RecordedPins implements ReplayWire {
  readonly #wire: FirmataWireBoard;
  readonly #rest: ContactWire;
  readonly #decoder = new FirmataDecoder();

  constructor(input: SimulatedInput) {
    this.#wire = new FirmataWireBoard(input);
    this.#rest = new ContactWire(input, this.#wire);
  }

  play(frame: FrameEntry): void {
    if (frame.direction === 'out') return;
    for (const { fields } of this.#decoder.decode(frame)) {
      const { message, channel, value } = fields;
      if (typeof channel !== 'number' || typeof value !== 'number') continue;
      if (message === 'analogue pin') this.#wire.board.analog(FIRST_ANALOGUE_PIN + channel, value / HIGHEST_READING);
      if (message === 'digital port') this.#port(channel, value);
    }
  }

  isRead(): boolean {
    return true;
  }

  stop(): void {
    this.#rest.stop();
  }

  #port(port: number, levels: number): void {
    for (let bit = 0; bit < PINS_OF_A_PORT; bit += 1) {
      this.#wire.board.drive(port * PINS_OF_A_PORT + bit, ((levels >> bit) & 1) === 1 ? 1 : 0);
    }
  }
}
