/**
 * Commands of the Firmata protocol 2.x (github.com/firmata/protocol, protocol.md). The low half of
 * a report names port or channel.
 */
export const DIGITAL_REPORT = 0x90;
export const ANALOG_REPORT = 0xe0;
export const START_SYSEX = 0xf0;
export const END_SYSEX = 0xf7;
export const REPORT_VERSION = 0xf9;

const COMMAND_BIT = 0x80;
const SHORT_MESSAGE = 3;
/** The capabilities of 128 pins with 16 modes each are no longer. */
const MESSAGE_BYTES_MAX = 8_192;

/**
 * Cuts the bytes of a board into whole messages. A byte of 0x80 or more begins a message, whatever
 * was there before it: firmata-io takes such bytes as data too, and of a report that lost a byte it
 * would make a state that the pins never had.
 */
export class MessageScanner {
  readonly #buffer = new Uint8Array(MESSAGE_BYTES_MAX);
  #length = 0;
  #inRun = false;
  #bytes = 0;
  #runs = 0;

  /** Bytes that were part of no message. */
  get rejectedBytes(): number {
    return this.#bytes;
  }

  /** Such bytes in a row count once. */
  get rejectedRuns(): number {
    return this.#runs;
  }

  /** `message` is lent for the call only. */
  push(chunk: Uint8Array, onMessage: (message: Uint8Array) => void): void {
    for (const byte of chunk) {
      if (byte >= COMMAND_BIT && !(byte === END_SYSEX && this.#buffer[0] === START_SYSEX && this.#length > 0)) {
        this.#begin(byte);
      } else if (this.#length === 0 || this.#length === MESSAGE_BYTES_MAX) this.#reject(this.#length + 1);
      else this.#add(byte, onMessage);
    }
  }

  /** Forgets the beginning of a message: its end is lost with the connection it came by. */
  reset(): void {
    this.#length = 0;
    this.#inRun = false;
  }

  #begin(command: number): void {
    if (this.#length > 0) this.#reject(this.#length);
    if (isFromBoard(command)) {
      this.#buffer[0] = command;
      this.#length = 1;
    } else this.#reject(1);
  }

  #add(byte: number, onMessage: (message: Uint8Array) => void): void {
    this.#buffer[this.#length] = byte;
    this.#length += 1;
    if (byte !== END_SYSEX && (this.#buffer[0] === START_SYSEX || this.#length < SHORT_MESSAGE)) return;
    const message = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    this.#inRun = false;
    onMessage(message);
  }

  #reject(bytes: number): void {
    this.#length = 0;
    this.#bytes += bytes;
    if (!this.#inRun) this.#runs += 1;
    this.#inRun = true;
  }
}

function isFromBoard(command: number): boolean {
  const kind = command & 0xf0;
  return kind === DIGITAL_REPORT || kind === ANALOG_REPORT || command === START_SYSEX || command === REPORT_VERSION;
}
