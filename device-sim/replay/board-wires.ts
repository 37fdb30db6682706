import type { FrameEntry } from '../../protocol/recording/recording.ts';
import { PI_5_LINES } from '../gpio/pi-chips.ts';
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
    const { line } = about;
    // A line that the simulated header lacks can't be a contact of this site.
    if (direction === 'out' || line === undefined || !PI_5_LINES.includes(line)) return;
    this.#board.drive(line, bytes[0] === 1 ? 1 : 0);
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
      const pin = FIRST_ANALOGUE_PIN + channel;
      if (message === 'analogue pin') ifThere(() => this.#wire.board.analog(pin, value / HIGHEST_READING));
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
      const level = ((levels >> bit) & 1) === 1 ? 1 : 0;
      ifThere(() => this.#wire.board.drive(port * PINS_OF_A_PORT + bit, level));
    }
  }
}

/** The recorded board may have had more pins than the simulated one, and a port has eight. */
function ifThere(drive: () => void): void {
  try {
    drive();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}
