import type { MonoMs } from '../../../protocol/clocks.ts';
import { type Delivery, isAlarm, isFreshAlarm, urgency } from './delivery.ts';
import type { OthersTurn } from './path-pace.ts';
import { PriorityQueue } from './priority-queue.ts';

/**
 * A fresh alarm lets earlier alarms go first, so that a desk sees them in order, but its first byte
 * waits no longer than this.
 */
export const FRESH_ALARM_WAIT_MS = 250;

/**
 * A place in the queue. The delivery may have left it since: it was sent, withdrawn or queued
 * again.
 */
interface Place {
  readonly delivery: Delivery;
  readonly urgency: number;
  readonly turn: number;
  readonly number: number;
  readonly sinceMs: MonoMs;
}

/** Fewer places than these are not searched for those that are over. */
const PLACES_MIN = 256;

/**
 * The reports of one path that may go as soon as the path may: all by urgency, and the fresh alarms
 * once more by themselves.
 */
export class ReadyReports {
  readonly #all = new PriorityQueue<Place>(goesBefore);
  readonly #fresh = new PriorityQueue<Place>(goesBefore);
  readonly #others = new PriorityQueue<Place>(goesBefore);
  #pushed = 0;
  #placesMax = PLACES_MIN;

  push(delivery: Delivery, nowMs: MonoMs): void {
    this.#pushed += 1;
    delivery.state = 'queued';
    delivery.queuedAs = this.#pushed;
    const { turn } = delivery;
    const place = { delivery, urgency: urgency(delivery), turn, number: this.#pushed, sinceMs: nowMs };
    this.#all.push(place);
    if (isFreshAlarm(delivery)) this.#fresh.push(place);
    else if (!isAlarm(delivery)) this.#others.push(place);
    // While nothing fails, nobody looks at the others, and `#all` is empty most of the time.
    if (Math.max(this.#all.size, this.#others.size) > this.#placesMax) this.#forgetOver();
  }

  /** The candidates to send next, the best first; `undefined` twice: nothing waits. */
  next(nowMs: MonoMs, othersTurn: OthersTurn): readonly Delivery[] {
    const first = firstOf(this.#all);
    if (first === undefined) return NONE;
    const fresh = firstOf(this.#fresh);
    const other = othersTurn === 'behindAlarms' ? undefined : firstOf(this.#others);
    if (other === undefined && (fresh === undefined || fresh === first)) return [first.delivery];
    if (other !== undefined && othersTurn === 'beforeTriedAlarms') return deliveriesOf([fresh, other, first]);
    const isLate = fresh !== undefined && nowMs >= fresh.sinceMs + FRESH_ALARM_WAIT_MS;
    return deliveriesOf(isLate ? [fresh, first, other] : [first, fresh, other]);
  }

  /**
   * The path has recovered: all reports start equal again, so that alarms leave in the order they
   * were raised.
   */
  restartTurns(): void {
    const queued: Place[] = [];
    for (let next = this.#all.pop(); next !== undefined; next = this.#all.pop()) if (isQueued(next)) queued.push(next);
    for (const place of queued) {
      place.delivery.turn = 0;
      this.#all.push({ ...place, turn: 0 });
    }
  }

  /** Withdrawn reports may lie deep below one that waits for days. */
  #forgetOver(): void {
    for (const places of [this.#all, this.#fresh, this.#others]) places.retain(isQueued);
    this.#placesMax = Math.max(PLACES_MIN, 2 * this.#all.size);
  }
}

const NONE: readonly Delivery[] = [];

/** Each once. */
function deliveriesOf(places: readonly (Place | undefined)[]): readonly Delivery[] {
  return [...new Set(places.flatMap((place) => place?.delivery ?? []))];
}

/**
 * Among equally urgent reports the one with the fewest attempts goes first, then the oldest. So a
 * report that is always refused blocks no other.
 */
function goesBefore(a: Place, b: Place): boolean {
  if (a.urgency !== b.urgency) return a.urgency < b.urgency;
  return a.turn < b.turn || (a.turn === b.turn && a.delivery.order < b.delivery.order);
}

function firstOf(places: PriorityQueue<Place>): Place | undefined {
  for (let first = places.peek(); first !== undefined; first = places.peek()) {
    if (isQueued(first)) return first;
    places.pop();
  }
  return undefined;
}

function isQueued({ delivery, number }: Place): boolean {
  return delivery.state === 'queued' && delivery.queuedAs === number;
}
