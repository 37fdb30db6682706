const RECONNECT_MS_MIN = 1_000;
const RECONNECT_MS_MAX = 30_000;

/**
 * Schedules the next try of a standing connection: after a second, then twice as long each time
 * until the far end has answered. Randomised by a quarter, so that a district's gateways don't
 * return to a restarted receiver at the same instant.
 */
export class Reconnect {
  readonly #open: () => void;
  #waitMs = RECONNECT_MS_MIN;
  #timer: NodeJS.Timeout | undefined;

  constructor(open: () => void) {
    this.#open = open;
  }

  /** Does nothing while a wait is under way. */
  later(): void {
    if (this.#timer !== undefined) return;
    const delayMs = this.#waitMs * (0.75 + Math.random() / 4);
    this.#waitMs = Math.min(2 * this.#waitMs, RECONNECT_MS_MAX);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#open();
    }, delayMs);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The far end has answered: the next wait is short again. A wait under way goes on. */
  answered(): void {
    this.#waitMs = RECONNECT_MS_MIN;
  }
}
