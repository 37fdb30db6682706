import { byOrder, type Deadline, TimerHeap } from './timer-heap.ts';
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

interface Entry extends Deadline {
  readonly key: string;
  readonly heap: TimerHeap<Entry>;
  timer: Timer;
}

/** What alerts wait for. Thousands of devices may be due at one instant, and no alert is to wait until each of them is told. */
const OF_ALERTS: ReadonlySet<Timer['type']> = new Set<Timer['type']>([
  'attemptTimeout',
  'deliveryRetry',
  'holdOffEnd',
  'joinPath',
  'notConfirmed',
  'buttonContact',
  'believe',
  'speak',
]);

/**
 * Deadlines by key on the monotonic clock; setting a key again replaces it. Of those that are due the ones that alerts wait for come first,
 * then the earliest; equal deadlines fire in the order they were set, so that a run is the same every time.
 */
export class Timers {
  readonly #entries = new Map<string, Entry>();
  readonly #ofAlerts = new TimerHeap<Entry>();
  readonly #others = new TimerHeap<Entry>();
  #order = 0;

  /** How many deadlines are kept: one a key. */
  get size(): number {
    return this.#entries.size;
  }

  /** O(log n). */
  set(key: string, dueMs: number, timer: Timer): void {
    this.#order += 1;
    const entry = this.#entries.get(key);
    const heap = OF_ALERTS.has(timer.type) ? this.#ofAlerts : this.#others;
    if (entry?.heap === heap) {
      entry.dueMs = dueMs;
      entry.order = this.#order;
      entry.timer = timer;
      heap.settle(entry);
      return;
    }
    entry?.heap.remove(entry);
    const added = { key, dueMs, order: this.#order, timer, heap, at: 0 };
    this.#entries.set(key, added);
    heap.add(added);
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
    const early = [...this.#entries.values()].filter(({ dueMs, timer }) => dueMs < untilMs && is(timer)).sort(byOrder);
    for (const { key, timer } of early) this.set(key, untilMs, timer);
  }

  /** The earliest deadline, or `undefined` when nothing is awaited. */
  nextMs(): number | undefined {
    const alerts = this.#ofAlerts.first?.dueMs;
    const others = this.#others.first?.dueMs;
    return alerts === undefined || others === undefined ? (alerts ?? others) : Math.min(alerts, others);
  }

  /** Takes the next timer that is due at `monoMs`. O(log n). */
  takeDue(monoMs: number): Timer | undefined {
    for (const { first } of [this.#ofAlerts, this.#others]) {
      if (first === undefined || first.dueMs > monoMs) continue;
      this.#remove(first);
      return first.timer;
    }
    return undefined;
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    entry.heap.remove(entry);
  }
}
