/** How soon a port is tried again that had no room. */
const AGAIN_MS = 5;

/** Writes all of what it is given to a port that may take only part of it at once. */
export class LineWriter {
  readonly #write: (bytes: Uint8Array) => number;
  readonly #most: number;
  #waiting: Uint8Array = new Uint8Array(0);
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param write returns how many bytes it took; may call `clear`
   * @param most bytes that may wait before nothing more is taken
   */
  constructor(write: (bytes: Uint8Array) => number, most: number) {
    this.#write = write;
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#waiting.length >= this.#most;
  }

  /** All of it or, if too much waits, nothing. */
  write(bytes: Uint8Array): void {
    if (this.isFull) return;
    this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    if (this.#timer === undefined) this.#push();
  }

  /** What waits is not sent any more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = new Uint8Array(0);
  }

  #push(): void {
    this.#timer = undefined;
    const waiting = this.#waiting;
    const taken = this.#write(waiting);
    // The write found the port lost, and what waited is not wanted any more.
    if (this.#waiting !== waiting) return;
    this.#waiting = waiting.subarray(taken);
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#push(), AGAIN_MS);
  }
}
