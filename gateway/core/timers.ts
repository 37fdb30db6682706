import type { TroubleTypeName } from './trouble-types.ts';

/** Everything the core waits for. */
export type Timer =
  | { readonly type: 'attemptTimeout'; readonly path: string; readonly attempt: number }
  | { readonly type: 'deliveryRetry'; readonly path: string; readonly report: string }
  | { readonly type: 'holdOffEnd'; readonly path: string }
  | { readonly type: 'joinPath'; readonly report: string }
  | { readonly type: 'notConfirmed'; readonly alert: string }
  | { readonly type: 'autoResolve'; readonly alert: string }
  | { readonly type: 'inputDue'; readonly input: string }
  | { readonly type: 'deviceDue'; readonly device: string }
  | { readonly type: 'probe'; readonly path: string }
  | { readonly type: 'debounce'; readonly device: string; readonly point: number }
  | { readonly type: 'buttonContact'; readonly device: string; readonly button: number }
  | { readonly type: 'contactWire'; readonly device: string; readonly of: 'button' | 'point'; readonly number: number }
  | { readonly type: 'believe'; readonly held: number }
  | { readonly type: 'enrolmentEnd'; readonly device: string }
  | { readonly type: 'noticeWindow'; readonly key: string }
  | { readonly type: 'troubleCalm'; readonly trouble: TroubleTypeName; readonly subject: string }
  | { readonly type: 'doorForced'; readonly door: string }
  | { readonly type: 'doorHeldOpen'; readonly door: string }
  | { readonly type: 'alertDoors'; readonly building: string }
  | { readonly type: 'drill'; readonly scope: string }
  | { readonly type: 'canaryDue' }
  | { readonly type: 'canaryLate' }
  | { readonly type: 'canaryRelease' }
  | { readonly type: 'speak' }
  | { readonly type: 'checkpoint' }
  | { readonly type: 'beat' };

interface Entry {
  readonly key: string;
  dueMs: number;
  order: number;
  timer: Timer;
  /** Its place in the heap. */
  at: number;
}

/**
 * Deadlines by key on the monotonic clock; setting a key again replaces it. Equal deadlines fire in the order they were set, so that a
 * run is the same every time.
 *
 * A binary heap whose entries know their places: a replaced or cleared deadline leaves it at once. A device's heartbeat replaces the
 * same deadline each time, for years.
 */
export class Timers {
  readonly #entries = new Map<string, Entry>();
  readonly #heap: Entry[] = [];
  #order = 0;

  /** How many deadlines are kept: one a key. */
  get size(): number {
    return this.#heap.length;
  }

  /** O(log n). */
  set(key: string, dueMs: number, timer: Timer): void {
    this.#order += 1;
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      const added = { key, dueMs, order: this.#order, timer, at: this.#heap.length };
      this.#entries.set(key, added);
      this.#heap.push(added);
      this.#rise(added);
      return;
    }
    entry.dueMs = dueMs;
    entry.order = this.#order;
    entry.timer = timer;
    this.#settle(entry);
  }

  /** O(log n). */
  clear(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#remove(entry);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  dueMs(key: string): number | undefined {
    return this.#entries.get(key)?.dueMs;
  }

  /** Puts off to `untilMs` whatever of these is due before, in the order in which it was due. */
  postpone(untilMs: number, is: (timer: Timer) => boolean): void {
    const early = this.#heap.filter(({ dueMs, timer }) => dueMs < untilMs && is(timer)).sort(byOrder);
    for (const { key, timer } of early) this.set(key, untilMs, timer);
  }

  /** The earliest deadline, or `undefined` when nothing is awaited. */
  nextMs(): number | undefined {
    return this.#heap[0]?.dueMs;
  }

  /** Takes the earliest timer that is due at `monoMs`. O(log n). */
  takeDue(monoMs: number): Timer | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > monoMs) return undefined;
    this.#remove(first);
    return first.timer;
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#put(last, entry.at);
    this.#settle(last);
  }

  #settle(entry: Entry): void {
    this.#rise(entry);
    this.#sink(entry);
  }

  #rise(entry: Entry): void {
    while (entry.at > 0) {
      const { at } = entry;
      const parent = this.#heap[(at - 1) >> 1] as Entry;
      if (!isBefore(entry, parent)) return;
      this.#put(entry, parent.at);
      this.#put(parent, at);
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const { at } = entry;
      const child = this.#earlierChild(at);
      if (child === undefined || !isBefore(child, entry)) return;
      this.#put(entry, child.at);
      this.#put(child, at);
    }
  }

  #earlierChild(at: number): Entry | undefined {
    const left = this.#heap[2 * at + 1];
    const right = this.#heap[2 * at + 2];
    return left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
  }

  #put(entry: Entry, at: number): void {
    this.#heap[at] = entry;
    entry.at = at;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return byOrder(a, b) < 0;
}

function byOrder(a: Entry, b: Entry): number {
  return a.dueMs - b.dueMs || a.order - b.order;
}
