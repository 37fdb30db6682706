import type { Scheduler } from './scheduler.ts';

/** Bits per byte: start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;
/** Number of bytes in one run, as from the receive FIFO of a UART. */
const RUN_BYTES = 8;
/**
 * Largest number of bytes that wait for the line. A node that would add to so busy a line finds it
 * in use, and its repeat comes later.
 */
const MAX_WAITING_BYTES = 4_096;

/** Passes bytes on in order, at the speed of a real line at most. */
export class LinePacer {
  readonly #scheduler: Scheduler;
  readonly #deliver: (bytes: Uint8Array) => void;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #msPerByte = 0;
  #callOff: (() => void) | undefined;

  constructor(scheduler: Scheduler, deliver: (bytes: Uint8Array) => void) {
    this.#scheduler = scheduler;
    this.#deliver = deliver;
  }

  /** With `baudRate` 0, passes the bytes on at once, unless slower bytes still wait. */
  send(bytes: Uint8Array, baudRate: number): void {
    this.#msPerByte = baudRate > 0 ? (BITS_PER_BYTE * 1000) / baudRate : 0;
    if (this.#msPerByte === 0 && this.#waiting.length === 0) {
      this.#deliver(bytes);
      return;
    }
    if (this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) return;
    for (let at = 0; at < bytes.length; at += RUN_BYTES) this.#waiting.push(bytes.slice(at, at + RUN_BYTES));
    this.#waitingBytes += bytes.length;
    if (this.#callOff === undefined) this.#next();
  }

  stop(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #next(): void {
    const run = this.#waiting[0];
    this.#callOff =
      run === undefined
        ? undefined
        : this.#scheduler.after(run.length * this.#msPerByte, () => {
            this.#waiting.shift();
            this.#waitingBytes -= run.length;
            this.#deliver(run);
            this.#next();
          });
  }
}
