import { EventEmitter } from 'node:events';
import { DIGITAL_REPORT } from './message-scanner.ts';

const PORTS = 16;
const RETRY_MS = 5;
/**
 * A board that takes nothing for so long answers nothing either, and is lost to its driver before
 * this is full.
 */
const WAITING_BYTES_MAX = 8_192;

export interface BytesOut {
  /** How many bytes the system took, 0…length. Never blocks, never throws. */
  write(bytes: Uint8Array): number;
}

/** What firmata-io takes for a serial port. */
export class BoardTransport extends EventEmitter {
  readonly #out: BytesOut;
  /** Pins of each port that are inputs, bit 0 the lowest. */
  readonly #inputs = new Uint8Array(PORTS);
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(out: BytesOut) {
    super();
    this.#out = out;
  }

  /**
   * From now on writes to the pin's port say 0 for it. firmata-io says what it last read, and
   * StandardFirmata takes a 1 for an input as the order to switch its pull-up on
   * (`digitalWriteCallback`).
   */
  keepInput(pin: number): void {
    const port = pin >> 3;
    this.#inputs[port] = (this.#inputs[port] ?? 0) | (1 << (pin & 7));
  }

  /** `done` is called at once: firmata-io only counts what is under way. */
  write(bytes: Uint8Array, done?: () => void): void {
    if (!this.#closed && this.#waitingBytes + bytes.length <= WAITING_BYTES_MAX) {
      this.#waiting.push(this.#withoutInputs(bytes));
      this.#waitingBytes += bytes.length;
      if (this.#timer === undefined) this.#flush();
    }
    done?.();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.emit('close');
    this.removeAllListeners();
  }

  #withoutInputs(bytes: Uint8Array): Uint8Array {
    const [command = 0, low = 0, high = 0] = bytes;
    if ((command & 0xf0) !== DIGITAL_REPORT) return bytes;
    const inputs = this.#inputs[command & 0x0f] ?? 0;
    return Uint8Array.of(command, low & ~inputs & 0x7f, high & ~(inputs >> 7));
  }

  #flush(): void {
    this.#timer = undefined;
    for (let head = this.#waiting[0]; head !== undefined; head = this.#waiting[0]) {
      const taken = this.#out.write(head);
      // The write found the port lost, and this was closed.
      if (this.#closed) return;
      this.#waitingBytes -= taken;
      if (taken < head.length) {
        this.#waiting[0] = head.subarray(taken);
        this.#timer = setTimeout(() => this.#flush(), RETRY_MS);
        return;
      }
      this.#waiting.shift();
    }
  }
}
