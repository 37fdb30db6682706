/** Whoever wants to know that something has happened at a simulated far end. */
export class Watchers<N> {
  readonly #listeners = new Set<(notice: N) => void>();

  tell(notice: N): void {
    // A copy: a listener may end itself, or begin another.
    for (const listener of [...this.#listeners]) listener(notice);
  }

  /** @returns a function that ends it */
  on(listener: (notice: N) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves as soon as the condition holds; it is asked at each notice. */
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
