import { bytesToHex } from '../../../protocol/bytes.ts';

/** The number of the last down frame under one key. */
export interface DownCounter {
  last: number;
}

/**
 * The down frames of one session, by key. Nodes obey only a higher (session, counter) than before,
 * and no key may seal two frames with the same numbers (hardware/button-bus.md §6). So drivers that
 * follow each other in a session share one of these.
 */
export class DownCounters {
  readonly #counters = new Map<string, DownCounter>();
  readonly #mayBeUsed: () => boolean;

  /** @param mayBeUsed whether no other start can have the number of this session any more */
  constructor(mayBeUsed: () => boolean) {
    this.#mayBeUsed = mayBeUsed;
  }

  /** Whether a frame may be sealed now. */
  get mayBeUsed(): boolean {
    return this.#mayBeUsed();
  }

  of(key: Uint8Array): DownCounter {
    const name = bytesToHex(key);
    const counter = this.#counters.get(name) ?? { last: 0 };
    this.#counters.set(name, counter);
    return counter;
  }
}
