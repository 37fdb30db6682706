/** Listeners to the events of a simulated far end. */
export class Watchers<N> {
  readonly #listeners = new Set<(notice: N) => void>();

  tell(notice: N): void {
    // This iterates over a copy: a listener may remove itself or add another.
    for (const listener of [...this.#listeners]) listener(notice);
  }

  /** @returns a function that removes the listener */
  on(listener: (notice: N) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves as soon as the condition holds. It is checked at each notice. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const off = this.on(() => {
        if (!condition()) return;
        off();
        resolve();
      });
    });
  }

  clear(): void {
    this.#listeners.clear();
  }
}
