/** As long as a test may take, nearly: the broker's thread has little of a busy processor. */
const PATIENCE_MS = 18_000;

interface Wait {
  readonly met: () => boolean;
  readonly resolve: () => void;
}

/** Tests wait for what happens, never for time to pass; what never happens is named instead of a bare time-out. */
export class Waiting {
  #waits: readonly Wait[] = [];

  /** To be called whenever something happened. */
  check(): void {
    const over = this.#waits.filter((wait) => wait.met());
    this.#waits = this.#waits.filter((wait) => !over.includes(wait));
    for (const wait of over) wait.resolve();
  }

  /** Resolves as soon as the condition holds; it is asked at each `check`. `have`: what there is instead, for the message. */
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
