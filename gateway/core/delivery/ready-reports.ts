import type { MonoMs } from '../../../protocol/clocks.ts';
import { type Delivery, isFreshAlarm, urgency } from './delivery.ts';
import { PriorityQueue } from './priority-queue.ts';

/**
 * A fresh alarm lets alarms that were raised before it go first, so that a desk hears of them in
 * order, but waits no longer than this for its first byte.
 */
export const FRESH_ALARM_WAIT_MS = 250;

/**
 * A place in the queue. The delivery may have left it: it was sent or withdrawn, or was queued anew
 * since.
 */
interface Place {
  readonly delivery: Delivery;
  readonly urgency: number;
  readonly turn: number;
  readonly number: number;
  readonly sinceMs: MonoMs;
}

/**
 * The reports of one path that may go when the path may: most urgent first, and the fresh alarms
 * among them once more.
 */
export class ReadyReports {
  readonly #all = new PriorityQueue<Place>(goesBefore);
  readonly #fresh = new PriorityQueue<Place>(goesBefore);
  #pushed = 0;

  push(delivery: Delivery, nowMs: MonoMs): void {
    this.#pushed += 1;
    delivery.state = 'queued';
    delivery.queuedAs = this.#pushed;
    const { turn } = delivery;
    const place = { delivery, urgency: urgency(delivery), turn, number: this.#pushed, sinceMs: nowMs };
    this.#all.push(place);
    if (isFreshAlarm(delivery)) this.#fresh.push(place);
  }

  /** What is to go next, the best first; `undefined` twice: nothing waits. */
  next(nowMs: MonoMs): readonly [best: Delivery | undefined, other: Delivery | undefined] {
    const first = firstOf(this.#all);
    const fresh = firstOf(this.#fresh);
    if (fresh === undefined || first?.delivery === fresh.delivery) return [first?.delivery, undefined];
    const isOwed = nowMs >= fresh.sinceMs + FRESH_ALARM_WAIT_MS;
    return isOwed ? [fresh.delivery, first?.delivery] : [first?.delivery, fresh.delivery];
  }

  /**
   * The path has recovered: all have the same turn again, so that alarms leave in the order they
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
}

/**
 * Of the same urgency the least tried goes first: a report that is always refused keeps no other
 * waiting. Then the oldest.
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
