/** A page that was accepted for transmission. */
export interface ReceivedPage {
  readonly pager: string;
  readonly message: string;
  /** Monotonic ms (CLOCK_MONOTONIC, the same in every process of this machine). */
  readonly receivedMs: number;
}

/** One page as its reader tells pages apart, and how often it came. */
export interface ShownPage extends ReceivedPage {
  readonly times: number;
}

/** The displays of the pagers behind a simulated terminal or server. */
export class PageDesk {
  readonly pages: ReceivedPage[] = [];
  readonly #shown = new Map<string, ShownPage>();

  /**
   * Returns true if the page is new to its reader. The number at the end of a page tells two events
   * with the same text apart.
   */
  take(pager: string, message: string): boolean {
    const page = { pager, message, receivedMs: Number(process.hrtime.bigint()) / 1e6 };
    this.pages.push(page);
    const key = `${pager} ${message}`;
    const before = this.#shown.get(key);
    this.#shown.set(key, before === undefined ? { ...page, times: 1 } : { ...before, times: before.times + 1 });
    return before === undefined;
  }

  get shown(): readonly ShownPage[] {
    return [...this.#shown.values()];
  }

  clear(): void {
    this.pages.length = 0;
    this.#shown.clear();
  }
}
