import { Watchers } from '../watchers.ts';

/** A report as a person at a far end sees it. */
export interface Displayed {
  readonly text: string;
  /** The key by which the far end tells reports apart, if its protocol has one. */
  readonly id?: string;
  /** Number of the pager or phone. */
  readonly to?: string;
  /** More details in the terms of its protocol: "#1234 BA zone 101", "Actual Alert". */
  readonly terms?: string;
  /**
   * Monotonic ms of its first byte here (CLOCK_MONOTONIC, the same in every process of this
   * machine). Where the message is read in one piece (CAP, webhook, SIP, and radio behind a TNC on
   * TCP), it is the time of the whole message. Over radio it is the time at the gateway's TNC.
   */
  readonly firstMs: number;
  /** Monotonic ms of its display. */
  readonly shownMs: number;
  /** Number of repeats. */
  readonly repeats: number;
}

/** `repeated`: the report came again, which no person sees. `remark`: another event, as text. */
export type Shown =
  | { readonly type: 'displayed' | 'repeated'; readonly displayed: Displayed }
  | { readonly type: 'remark'; readonly text: string };

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** The screen of a far end, which shows each report once, however often it comes. */
export class Screen {
  readonly displayed: Displayed[] = [];
  readonly #places = new Map<string, number>();
  readonly #watchers = new Watchers<Shown>();

  /**
   * @param key by which the far end tells reports apart
   * @param isNew where the far end decides that itself
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

  /** @returns a function that removes the listener */
  on(listener: (shown: Shown) => void): () => void {
    return this.#watchers.on(listener);
  }

  /** Resolves as soon as the condition holds. It is checked whenever something is displayed. */
  until(condition: () => boolean): Promise<void> {
    return this.#watchers.until(condition);
  }
}
