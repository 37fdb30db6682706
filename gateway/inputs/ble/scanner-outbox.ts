import type { HeardEntry } from './scanner-messages.ts';

/**
 * While the gateway takes nothing, this many wait; strangers' get less room, so that they can't
 * crowd out known devices'.
 */
const WAITING_MAX = 4_096;
const STRANGERS_WAITING_MAX = 512;
/** As many entries of the greatest length fit into one line. */
const BATCH_MAX = 256;

/**
 * Sends what is heard at once, and gathers only what is heard while a send is under way. Holds a
 * bounded amount.
 */
export class ScannerOutbox {
  dropped = 0;
  readonly #send: (heard: readonly HeardEntry[], sent: () => void) => void;
  readonly #waiting: HeardEntry[] = [];
  #sending = false;

  /** @param send must call `sent` once, later. */
  constructor(send: (heard: readonly HeardEntry[], sent: () => void) => void) {
    this.#send = send;
  }

  push(entry: HeardEntry, known: boolean): void {
    if (this.#waiting.length >= (known ? WAITING_MAX : STRANGERS_WAITING_MAX)) {
      this.dropped += 1;
      return;
    }
    this.#waiting.push(entry);
    if (!this.#sending) this.#flush();
  }

  #flush(): void {
    const batch = this.#waiting.splice(0, BATCH_MAX);
    this.#sending = true;
    this.#send(batch, () => {
      this.#sending = false;
      if (this.#waiting.length > 0) this.#flush();
    });
  }
}
