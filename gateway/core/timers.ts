import { PriorityQueue } from './priority-queue.ts';
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
  | { readonly type: 'checkpoint' };

interface Entry {
  readonly key: string;
  readonly dueMs: number;
  readonly order: number;
  readonly timer: Timer;
}

/**
 * Deadlines by key on the monotonic clock; setting a key again replaces it. Equal deadlines fire in the order they were set, so that a
 * run is the same every time.
 */
export class Timers {
  readonly #current = new Map<string, Entry>();
  readonly #heap = new PriorityQueue<Entry>((a, b) => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order));
  #order = 0;

  set(key: string, dueMs: number, timer: Timer): void {
    this.#order += 1;
    const entry = { key, dueMs, order: this.#order, timer };
    this.#current.set(key, entry);
    this.#heap.push(entry);
  }

  clear(key: string): void {
    this.#current.delete(key);
  }

  has(key: string): boolean {
    return this.#current.has(key);
  }

  isDue(key: string, monoMs: number): boolean {
    return (this.#current.get(key)?.dueMs ?? Number.POSITIVE_INFINITY) <= monoMs;
  }

  /** The earliest deadline, or `undefined` when nothing is awaited. */
  nextMs(): number | undefined {
    this.#dropReplaced();
    return this.#heap.peek()?.dueMs;
  }

  /** Takes the earliest timer that is due at `monoMs`. */
  takeDue(monoMs: number): Timer | undefined {
    this.#dropReplaced();
    const first = this.#heap.peek();
    if (first === undefined || first.dueMs > monoMs) return undefined;
    this.#heap.pop();
    this.#current.delete(first.key);
    return first.timer;
  }

  #dropReplaced(): void {
    for (let first = this.#heap.peek(); first !== undefined; first = this.#heap.peek()) {
      if (this.#current.get(first.key) === first) return;
      this.#heap.pop();
    }
  }
}
