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
  | { readonly type: 'alertSurplus' }
  | { readonly type: 'alertDocuments' }
  | { readonly type: 'inputDue'; readonly input: string }
  | { readonly type: 'deviceDue'; readonly device: string }
  | { readonly type: 'bridgeDue'; readonly bridge: string }
  | { readonly type: 'bridgeCached'; readonly bridge: string }
  | { readonly type: 'probe'; readonly path: string }
  | { readonly type: 'debounce'; readonly device: string; readonly point: number }
  | { readonly type: 'buttonContact'; readonly device: string; readonly button: number }
  | { readonly type: 'contactWire'; readonly device: string; readonly of: 'button' | 'point'; readonly number: number }
  | { readonly type: 'heldPress'; readonly record: number }
  | { readonly type: 'commandAnswer'; readonly ticket: number }
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
  | { readonly type: 'clockUnsynchronised' }
  | { readonly type: 'checkpoint' }
  | { readonly type: 'internalPressDue' }
  | { readonly type: 'internalPress' }
  | { readonly type: 'beat' };

interface Entry extends Deadline {
  readonly key: string | number;
  readonly heap: TimerHeap<Entry>;
  readonly timer: Timer;
}

/**
 * Identifies a timer among those of its type. Ids contain no `:`. A text that may contain one comes
 * last, or alone.
 */
function timerKey(timer: Timer): string | number {
  switch (timer.type) {
    case 'attemptTimeout':
      return `${timer.path}:${timer.attempt}`;
    case 'deliveryRetry':
      return `${timer.path}:${timer.report}`;
    case 'holdOffEnd':
    case 'probe':
      return timer.path;
    case 'joinPath':
      return timer.report;
    case 'notConfirmed':
      return timer.alert;
    case 'inputDue':
      return timer.input;
    case 'deviceDue':
    case 'enrolmentEnd':
      return timer.device;
    case 'bridgeDue':
    case 'bridgeCached':
      return timer.bridge;
    case 'debounce':
      return `${timer.device}:${timer.point}`;
    case 'buttonContact':
    case 'holdWait':
    case 'testHold':
      return `${timer.device}:${timer.button}`;
    case 'contactWire':
      return `${timer.device}:${timer.of}:${timer.number}`;
    case 'heldPress':
      return timer.record;
    case 'commandAnswer':
      return timer.ticket;
    case 'noticeWindow':
      return timer.key;
    case 'flappingEnd':
      return `${timer.trouble}:${timer.subject}`;
    case 'doorForced':
    case 'doorHeldOpen':
      return timer.door;
    case 'alertDoors':
      return timer.building;
    case 'drill':
      return timer.scope;
    case 'walkTest':
    case 'outputShown':
    case 'sensorWatch':
    case 'autoResolve':
    case 'alertSurplus':
    case 'alertDocuments':
    case 'certificates':
    case 'clockUnsynchronised':
    case 'canaryDue':
    case 'canaryLate':
    case 'canaryRelease':
    case 'answersDue':
    case 'checkpoint':
    case 'internalPressDue':
    case 'internalPress':
    case 'beat':
      return '';
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
  'internalPress',
]);

/**
 * Deadlines on the monotonic clock, one for each timer: setting a timer again replaces its
 * deadline. Of the due timers, those that alerts wait for fire first, then the earliest. Equal
 * deadlines fire in the order in which they were set, so that every run is the same.
 */
export class Timers {
  /** By type and `timerKey`: an alert sets and clears several, and a joined key costs a string. */
  readonly #entries = new Map<Timer['type'], Map<string | number, Entry>>();
  readonly #ofAlerts = new TimerHeap<Entry>();
  readonly #others = new TimerHeap<Entry>();
  #order = 0;

  /** Number of deadlines: one for each timer. */
  get size(): number {
    return this.#ofAlerts.size + this.#others.size;
  }

  /** O(log n). */
  set(timer: Timer, dueMs: MonoMs): void {
    const key = timerKey(timer);
    this.#order += 1;
    const ofType = this.#ofType(timer.type);
    const entry = ofType.get(key);
    if (entry !== undefined) {
      entry.dueMs = dueMs;
      entry.order = this.#order;
      entry.heap.settle(entry);
      return;
    }
    const heap = OF_ALERTS.has(timer.type) ? this.#ofAlerts : this.#others;
    const added = { key, dueMs, order: this.#order, timer, heap, at: 0 };
    ofType.set(key, added);
    heap.add(added);
  }

  /** O(log n). */
  clear(timer: Timer): void {
    const entry = this.#get(timer);
    if (entry !== undefined) this.#remove(entry);
  }

  /** Clears every timer of this kind. Iterates over all: for seldom events only. */
  clearAll(is: (timer: Timer) => boolean): void {
    for (const entry of this.#all()) if (is(entry.timer)) this.#remove(entry);
  }

  has(timer: Timer): boolean {
    return this.#get(timer) !== undefined;
  }

  dueMs(timer: Timer): MonoMs | undefined {
    return this.#get(timer)?.dueMs;
  }

  /**
   * Postpones those of these timers that are due before `untilMs` to `untilMs`, in the order in
   * which they were due.
   */
  postpone(untilMs: MonoMs, is: (timer: Timer) => boolean): void {
    const early = this.#all().filter(({ dueMs, timer }) => dueMs < untilMs && is(timer));
    for (const { timer } of early.sort(byOrder)) this.set(timer, untilMs);
  }

  /** The earliest deadline, or `undefined` if no timer is set. */
  nextMs(): MonoMs | undefined {
    const alerts = this.#ofAlerts.first?.dueMs;
    const others = this.#others.first?.dueMs;
    return alerts === undefined || others === undefined ? (alerts ?? others) : earlier(alerts, others);
  }

  /** Takes the next timer that is due at `monoMs`. O(log n). */
  takeDue(monoMs: MonoMs): Timer | undefined {
    const due = firstDue(this.#ofAlerts, monoMs) ?? firstDue(this.#others, monoMs);
    if (due !== undefined) this.#remove(due);
    return due?.timer;
  }

  #get(timer: Timer): Entry | undefined {
    return this.#entries.get(timer.type)?.get(timerKey(timer));
  }

  #ofType(type: Timer['type']): Map<string | number, Entry> {
    const present = this.#entries.get(type);
    if (present !== undefined) return present;
    const made = new Map<string | number, Entry>();
    this.#entries.set(type, made);
    return made;
  }

  #all(): Entry[] {
    return [...this.#entries.values()].flatMap((ofType) => [...ofType.values()]);
  }

  #remove(entry: Entry): void {
    this.#entries.get(entry.timer.type)?.delete(entry.key);
    entry.heap.remove(entry);
  }
}

function firstDue({ first }: TimerHeap<Entry>, monoMs: MonoMs): Entry | undefined {
  return first !== undefined && first.dueMs <= monoMs ? first : undefined;
}
