/** How soon a port is tried again that had no room. */
const AGAIN_MS = 10;

/** Writes all of what it is given to a port that may take only part of it at once. */
export class LineWriter {
  readonly #write: (bytes: Uint8Array) => number;
  #waiting: Uint8Array = new Uint8Array(0);
  #timer: NodeJS.Timeout | undefined;

  /** @param write returns how many bytes it took */
  constructor(write: (bytes: Uint8Array) => number) {
    this.#write = write;
  }

  write(bytes: Uint8Array): void {
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
    this.#waiting = this.#waiting.subarray(this.#write(this.#waiting));
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#push(), AGAIN_MS);
  }
}
