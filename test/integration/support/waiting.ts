/** Almost the time-out of a test: the broker's thread gets little time of a busy processor. */
const PATIENCE_MS = 18_000;

interface Wait {
  readonly met: () => boolean;
  readonly resolve: () => void;
}

/**
 * Tests wait for events, never for time to pass. If an event does not come, the error names it
 * instead of a bare time-out.
 */
export class Waiting {
  #waits: readonly Wait[] = [];

  /** Call this after each event. */
  check(): void {
    const over = this.#waits.filter((wait) => wait.met());
    this.#waits = this.#waits.filter((wait) => !over.includes(wait));
    for (const wait of over) wait.resolve();
  }

  /**
   * Resolves as soon as the condition holds. It is checked at each `check`. `have` describes the
   * actual state, for the message.
   */
  async until(
    what: string,
    met: () => boolean,
    have: () => unknown = () => '',
    patienceMs = PATIENCE_MS,
  ): Promise<void> {
    if (met()) return;
    await new Promise<void>((resolve, reject) => {
      const alarm = setTimeout(
        () => reject(new Error(`waited in vain for ${what}; there is ${JSON.stringify(have())}`)),
        patienceMs,
      );
      this.#waits = [
        ...this.#waits,
        {
          met,
          resolve: () => {
            clearTimeout(alarm);
            resolve();
          },
        },
      ];
    });
  }
}
