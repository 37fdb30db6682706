/** How soon a full port is tried again. */
const AGAIN_MS = 5;

/** Writes everything to a port that may accept only part of it at once. */
export class LineWriter {
  readonly #write: (bytes: Uint8Array) => number;
  readonly #most: number;
  #waiting: Uint8Array = new Uint8Array(0);
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param write returns how many bytes it accepted; may call `clear`
   * @param most bytes that may wait before more is refused
   */
  constructor(write: (bytes: Uint8Array) => number, most: number) {
    this.#write = write;
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#waiting.length >= this.#most;
  }

  /** Accepts all of it or, if too much waits, nothing. */
  write(bytes: Uint8Array): void {
    if (this.isFull) return;
    this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    if (this.#timer === undefined) this.#push();
  }

  /** Discards the waiting bytes. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = new Uint8Array(0);
  }

  #push(): void {
    this.#timer = undefined;
    const waiting = this.#waiting;
    const taken = this.#write(waiting);
    // The write found the port lost, and the waiting bytes were discarded.
    if (this.#waiting !== waiting) return;
    this.#waiting = waiting.subarray(taken);
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#push(), AGAIN_MS);
  }
}
