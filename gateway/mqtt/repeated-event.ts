/**
 * Something that happens again and again. It is reported once when it begins, and once when it has
 * not happened for a while.
 */
export class RepeatedEvent {
  readonly #quietMs: number;
  readonly #tell: (standing: boolean, detail: string) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(quietMs: number, tell: (standing: boolean, detail: string) => void) {
    this.#quietMs = quietMs;
    this.#tell = tell;
  }

  happened(detail: string): void {
    if (this.#timer !== undefined) {
      this.#timer.refresh();
      return;
    }
    this.#tell(true, detail);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#tell(false, 'over');
    }, this.#quietMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
