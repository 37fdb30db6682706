import { earlier, type MonoMs } from '../../protocol/clocks.ts';
import { byOrder, type Deadline, TimerHeap } from './timer-heap.ts';
import type { TroubleTypeName } from './trouble-types.ts';

/** Everything the core waits for. All fields together identify a timer: `timerKey`. */
export type Timer =
  | { readonly type: 'attemptTimeout'; readonly path: string; readonly attempt: number }
  | { readonly type: 'deliveryRetry'; readonly path: string; readonly report: string }
  | { readonly type: 'holdOffEnd'; readonly path: string }
  | { readonly type: 'joinPath'; readonly report: string }
  | { readonly type: 'notConfirmed'; readonly alert: string }
  | { readonly type: 'autoResolve' }
  | { readonly type: 'inputDue'; readonly input: string }
  | { readonly type: 'deviceDue'; readonly device: string }
  | { readonly type: 'bridgeDue'; readonly bridge: string }
  | { readonly type: 'bridgeCached'; readonly bridge: string }
  | { readonly type: 'probe'; readonly path: string }
  | { readonly type: 'debounce'; readonly device: string; readonly point: number }
  | { readonly type: 'buttonContact'; readonly device: string; readonly button: number }
  | { readonly type: 'contactWire'; readonly device: string; readonly of: 'button' | 'point'; readonly number: number }
  | { readonly type: 'heldPress'; readonly record: number }
  | { readonly type: 'holdWait'; readonly device: string; readonly button: number }
  | { readonly type: 'enrolmentEnd'; readonly device: string }
  | { readonly type: 'noticeWindow'; readonly key: string }
  | { readonly type: 'flappingEnd'; readonly trouble: TroubleTypeName; readonly subject: string }
  | { readonly type: 'doorForced'; readonly door: string }
  | { readonly type: 'doorHeldOpen'; readonly door: string }
  | { readonly type: 'alertDoors'; readonly building: string }
  | { readonly type: 'drill'; readonly scope: string }
  | { readonly type: 'walkTest' }
  | { readonly type: 'testHold'; readonly device: string; readonly button: number }
  | { readonly type: 'outputShown' }
  | { readonly type: 'sensorWatch' }
  | { readonly type: 'canaryDue' }
  | { readonly type: 'canaryLate' }
  | { readonly type: 'canaryRelease' }
  | { readonly type: 'answersDue' }
  | { readonly type: 'certificates' }
  | { readonly type: 'checkpoint' }
  | { readonly type: 'beat' };

interface Entry extends Deadline {
  readonly key: string;
  readonly heap: TimerHeap<Entry>;
  readonly timer: Timer;
}

/** Ids contain no `:`. A text that may contain one comes last, or alone. */
function timerKey(timer: Timer): string {
  switch (timer.type) {
    case 'attemptTimeout':
      return `${timer.type}:${timer.path}:${timer.attempt}`;
    case 'deliveryRetry':
      return `${timer.type}:${timer.path}:${timer.report}`;
    case 'holdOffEnd':
    case 'probe':
      return `${timer.type}:${timer.path}`;
    case 'joinPath':
      return `${timer.type}:${timer.report}`;
    case 'notConfirmed':
      return `${timer.type}:${timer.alert}`;
    case 'inputDue':
      return `${timer.type}:${timer.input}`;
    case 'deviceDue':
    case 'enrolmentEnd':
      return `${timer.type}:${timer.device}`;
    case 'bridgeDue':
    case 'bridgeCached':
      return `${timer.type}:${timer.bridge}`;
    case 'debounce':
      return `${timer.type}:${timer.device}:${timer.point}`;
    case 'buttonContact':
    case 'holdWait':
    case 'testHold':
      return `${timer.type}:${timer.device}:${timer.button}`;
    case 'contactWire':
      return `${timer.type}:${timer.device}:${timer.of}:${timer.number}`;
    case 'heldPress':
      return `${timer.type}:${timer.record}`;
    case 'noticeWindow':
      return `${timer.type}:${timer.key}`;
    case 'flappingEnd':
      return `${timer.type}:${timer.trouble}:${timer.subject}`;
    case 'doorForced':
    case 'doorHeldOpen':
      return `${timer.type}:${timer.door}`;
    case 'alertDoors':
      return `${timer.type}:${timer.building}`;
    case 'drill':
      return `${timer.type}:${timer.scope}`;
    case 'walkTest':
    case 'outputShown':
    case 'sensorWatch':
    case 'autoResolve':
    case 'certificates':
    case 'canaryDue':
    case 'canaryLate':
    case 'canaryRelease':
    case 'answersDue':
    case 'checkpoint':
    case 'beat':
      return timer.type;
  }
}

/**
 * Timers that alerts wait for. Thousands of devices may be due at one instant, and no alert may
 * wait until each of them is handled.
 */
const OF_ALERTS: ReadonlySet<Timer['type']> = new Set<Timer['type']>([
  'attemptTimeout',
  'deliveryRetry',
  'holdOffEnd',
  'joinPath',
  'notConfirmed',
  'buttonContact',
  'heldPress',
  'holdWait',
  'testHold',
  'answersDue',
]);

/**
 * Deadlines on the monotonic clock, one for each timer: setting a timer again replaces its
 * deadline. Of the due timers, those that alerts wait for fire first, then the earliest. Equal
 * deadlines fire in the order in which they were set, so that every run is the same.
 */
export class Timers {
  readonly #entries = new Map<string, Entry>();
  readonly #ofAlerts = new TimerHeap<Entry>();
  readonly #others = new TimerHeap<Entry>();
  #order = 0;

  /** Number of deadlines: one for each timer. */
  get size(): number {
    return this.#entries.size;
  }

  /** O(log n). */
  set(timer: Timer, dueMs: MonoMs): void {
    const key = timerKey(timer);
    this.#order += 1;
    const entry = this.#entries.get(key);
    const heap = OF_ALERTS.has(timer.type) ? this.#ofAlerts : this.#others;
    if (entry !== undefined) {
      entry.dueMs = dueMs;
      entry.order = this.#order;
      heap.settle(entry);
      return;
    }
    const added = { key, dueMs, order: this.#order, timer, heap, at: 0 };
    this.#entries.set(key, added);
    heap.add(added);
  }

  /** O(log n). */
  clear(timer: Timer): void {
    const entry = this.#entries.get(timerKey(timer));
    if (entry !== undefined) this.#remove(entry);
  }

  /** Clears every timer of this kind. Iterates over all: for seldom events only. */
  clearAll(is: (timer: Timer) => boolean): void {
    for (const entry of [...this.#entries.values()]) if (is(entry.timer)) this.#remove(entry);
  }

  has(timer: Timer): boolean {
    return this.#entries.has(timerKey(timer));
  }

  dueMs(timer: Timer): MonoMs | undefined {
    return this.#entries.get(timerKey(timer))?.dueMs;
  }

  /**
   * Postpones those of these timers that are due before `untilMs` to `untilMs`, in the order in
   * which they were due.
   */
  postpone(untilMs: MonoMs, is: (timer: Timer) => boolean): void {
    const early = [...this.#entries.values()].filter(({ dueMs, timer }) => dueMs < untilMs && is(timer)).sort(byOrder);
    for (const { timer } of early) this.set(timer, untilMs);
  }

  /** The earliest deadline, or `undefined` if no timer is set. */
  nextMs(): MonoMs | undefined {
    const alerts = this.#ofAlerts.first?.dueMs;
    const others = this.#others.first?.dueMs;
    return alerts === undefined || others === undefined ? (alerts ?? others) : earlier(alerts, others);
  }

  /** Takes the next timer that is due at `monoMs`. O(log n). */
  takeDue(monoMs: MonoMs): Timer | undefined {
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
