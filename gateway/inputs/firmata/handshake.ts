import type { Firmata } from 'firmata-io';
import type { BoardTransport } from './board-transport.ts';
import { END_SYSEX, REPORT_VERSION, START_SYSEX } from './message-scanner.ts';

export const REPORT_FIRMWARE = 0x79;
const CAPABILITY_QUERY = 0x6b;
const CAPABILITY_RESPONSE = 0x6c;
const ANALOG_MAPPING_QUERY = 0x69;
const ANALOG_MAPPING_RESPONSE = 0x6a;

/** Longer than a boot loader listens after a restart: each byte it hears would keep it waiting. */
const FIRST_ANSWER_MS = 3_000;
const NEXT_ANSWER_MS = 500;
/** Some boards need eight seconds to start, and start anew when the port is opened anew. */
const ASKED_IN_VAIN = 3;

/** A firmware that has no name. */
export const FIRMWARE_BYTES_MIN = 5;
const NAME_LENGTH_MAX = 40;

/** The board's answers, in the order in which firmata-io waits for them. */
const STEPS = [
  { answer: REPORT_VERSION, ask: [REPORT_VERSION, START_SYSEX, REPORT_FIRMWARE, END_SYSEX] },
  { answer: REPORT_FIRMWARE, ask: [START_SYSEX, REPORT_FIRMWARE, END_SYSEX] },
  { answer: CAPABILITY_RESPONSE, ask: [START_SYSEX, CAPABILITY_QUERY, END_SYSEX] },
  { answer: ANALOG_MAPPING_RESPONSE, ask: [START_SYSEX, ANALOG_MAPPING_QUERY, END_SYSEX] },
] as const;

interface HandshakeEvents {
  /** Nothing has come from the board yet. */
  late(): void;
  /** It is of no use to wait any longer. */
  failed(): void;
}

/**
 * Hands firmata-io the answers it waits for, each once and in order, and asks again for one that
 * was lost; it asks once and waits for ever. What it does not wait for it does not get: it takes a
 * second mapping for more inputs, and throws or loops at sysex messages that noise has made.
 */
export class Handshake {
  readonly #transport: BoardTransport;
  readonly #io: Firmata;
  readonly #events: HandshakeEvents;
  #step = 0;
  #asked = 0;
  #timer: NodeJS.Timeout;

  constructor(transport: BoardTransport, io: Firmata, events: HandshakeEvents) {
    this.#transport = transport;
    this.#io = io;
    this.#events = events;
    this.#timer = setTimeout(() => this.#late(), FIRST_ANSWER_MS);
  }

  /** "StandardFirmata 2.5" */
  get firmware(): string {
    const { name = '', version } = this.#io.firmware;
    // The firmware's author chose it: in a log it must be plain and short.
    const plain = name
      .replace(/\.ino$/, '')
      .replace(/[^\x20-\x7e]/g, '')
      .slice(0, NAME_LENGTH_MAX);
    return `${plain === '' ? 'Firmata' : plain} ${version?.major ?? '?'}.${version?.minor ?? '?'}`;
  }

  message(message: Uint8Array): void {
    const kind = message[0] === START_SYSEX ? message[1] : message[0];
    if (kind === undefined || kind !== STEPS[this.#step]?.answer || !this.#isUsable(kind, message)) return;
    this.#step += 1;
    this.#asked = 0;
    this.#wait();
    // Last: it may end the handshake.
    this.#transport.emit('data', message);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#io.reportVersionTimeoutId);
  }

  #isUsable(kind: number, message: Uint8Array): boolean {
    if (kind === REPORT_FIRMWARE) return message.length >= FIRMWARE_BYTES_MIN;
    return kind !== ANALOG_MAPPING_RESPONSE || message.length - 3 <= this.#io.pins.length;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#late(), this.#step === 0 ? FIRST_ANSWER_MS : NEXT_ANSWER_MS);
  }

  #late(): void {
    this.#asked += 1;
    if (this.#asked >= ASKED_IN_VAIN) {
      this.#events.failed();
      return;
    }
    if (this.#step === 0) this.#events.late();
    this.#transport.write(Uint8Array.from(STEPS[this.#step]?.ask ?? []));
    this.#wait();
  }
}
