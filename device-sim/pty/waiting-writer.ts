import fs from 'node:fs';

const RETRY_MS = 1;

/**
 * Writes to a non-blocking descriptor in order and never blocks. libuv cannot do that: once the
 * system's buffer is full, its writes to a pseudo-terminal's master block the whole process. A
 * process that holds both ends then deadlocks.
 */
export class WaitingWriter {
  readonly #fd: number;
  readonly #maxBytes: number;
  readonly #onError: (error: Error) => void;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(fd: number, maxBytes: number, onError: (error: Error) => void) {
    this.#fd = fd;
    this.#maxBytes = maxBytes;
    this.#onError = onError;
  }

  /** Returns the number of bytes that the system has had no room for yet. */
  get waitingBytes(): number {
    return this.#bytes;
  }

  /** Returns false if it dropped the bytes because too many wait already. */
  write(bytes: Uint8Array): boolean {
    if (this.#bytes + bytes.length > this.#maxBytes) return false;
    // The caller may use its buffer again, so this copies it.
    this.#waiting.push(Uint8Array.from(bytes));
    this.#bytes += bytes.length;
    if (this.#timer === undefined) this.#flush();
    return true;
  }

  /** Drops the waiting bytes. Nothing touches the descriptor afterwards. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#bytes = 0;
  }

  #flush(): void {
    this.#timer = undefined;
    let head = this.#waiting[0];
    while (head !== undefined) {
      const taken = this.#take(head);
      this.#bytes -= taken;
      if (taken < head.length) {
        this.#waiting[0] = head.subarray(taken);
        if (this.#bytes > 0) this.#timer = setTimeout(() => this.#flush(), RETRY_MS);
        return;
      }
      this.#waiting.shift();
      head = this.#waiting[0];
    }
  }

  #take(bytes: Uint8Array): number {
    try {
      return fs.writeSync(this.#fd, bytes);
    } catch (error) {
      const isFull = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      if (!isFull) {
        this.stop();
        this.#onError(error instanceof Error ? error : new Error(String(error)));
      }
      return 0;
    }
  }
}
