import { Watchers } from '../watchers.ts';

/** A report as a person at a far end sees it. */
export interface Displayed {
  readonly text: string;
  /** What the far end tells reports apart by, where its protocol has it. */
  readonly id?: string;
  /** Pager or phone. */
  readonly to?: string;
  /** What else it says in the terms of its protocol: "#1234 BA zone 101", "Actual Alert". */
  readonly terms?: string;
  /**
   * Monotonic ms (CLOCK_MONOTONIC, the same in every process of this machine) of its first byte
   * here; of the whole message where it is read in one piece (CAP, webhook, SIP, and radio behind a
   * TNC on TCP). Over radio: at the gateway's TNC.
   */
  readonly firstMs: number;
  /** Monotonic ms at which it was displayed. */
  readonly shownMs: number;
  /** How often it came again. */
  readonly repeats: number;
}

/** `repeated`: it came again, which no person sees. `remark`: something else happened, in words. */
export type Shown =
  | { readonly type: 'displayed' | 'repeated'; readonly displayed: Displayed }
  | { readonly type: 'remark'; readonly text: string };

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** What a far end displays: each report once, however often it comes. */
export class Screen {
  readonly displayed: Displayed[] = [];
  readonly #places = new Map<string, number>();
  readonly #watchers = new Watchers<Shown>();

  /**
   * @param key what the far end tells reports apart by
   * @param isNew where it has its own mind about that
   */
  take(key: string, report: Omit<Displayed, 'shownMs' | 'repeats'>, isNew = !this.#places.has(key)): void {
    const place = this.#places.get(key);
    const before = place === undefined ? undefined : this.displayed[place];
    if (isNew || place === undefined || before === undefined) {
      this.#places.set(key, this.displayed.length);
      const displayed = { ...report, shownMs: monotonicMs(), repeats: 0 };
      this.displayed.push(displayed);
      this.#watchers.tell({ type: 'displayed', displayed });
      return;
    }
    const displayed = { ...before, repeats: before.repeats + 1 };
    this.displayed[place] = displayed;
    this.#watchers.tell({ type: 'repeated', displayed });
  }

  remark(text: string): void {
    this.#watchers.tell({ type: 'remark', text });
  }

  /** @returns a function that ends it */
  on(listener: (shown: Shown) => void): () => void {
    return this.#watchers.on(listener);
  }

  /** Resolves as soon as the condition holds; it is asked whenever something is displayed. */
  until(condition: () => boolean): Promise<void> {
    return this.#watchers.until(condition);
  }
}
