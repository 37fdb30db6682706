import type { MonoMs } from '../../protocol/clocks.ts';

export interface Deadline {
  dueMs: MonoMs;
  /** Of equal deadlines the lowest comes first. */
  order: number;
  /** Its place in the heap. */
  at: number;
}

/**
 * A binary heap of deadlines whose entries know their positions: a replaced or cleared deadline
 * leaves it at once. A device's heartbeat replaces the same deadline each time, for years.
 */
export class TimerHeap<D extends Deadline> {
  readonly #heap: D[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest deadline; of equal ones the one set first. */
  get first(): D | undefined {
    return this.#heap[0];
  }

  /** O(log n). */
  add(deadline: D): void {
    this.#put(deadline, this.#heap.length);
    this.#rise(deadline);
  }

  /** O(log n). */
  remove(deadline: D): void {
    const last = this.#heap.pop();
    if (last === undefined || last === deadline) return;
    this.#put(last, deadline.at);
    this.settle(last);
  }

  /** Its deadline has changed. O(log n). */
  settle(deadline: D): void {
    this.#rise(deadline);
    this.#sink(deadline);
  }

  #rise(deadline: D): void {
    while (deadline.at > 0) {
      const { at } = deadline;
      const parent = this.#heap[(at - 1) >> 1] as D;
      if (byOrder(deadline, parent) >= 0) return;
      this.#put(deadline, parent.at);
      this.#put(parent, at);
    }
  }

  #sink(deadline: D): void {
    for (;;) {
      const { at } = deadline;
      const child = this.#earlierChild(at);
      if (child === undefined || byOrder(child, deadline) >= 0) return;
      this.#put(deadline, child.at);
      this.#put(child, at);
    }
  }

  #earlierChild(at: number): D | undefined {
    const left = this.#heap[2 * at + 1];
    const right = this.#heap[2 * at + 2];
    return left !== undefined && right !== undefined && byOrder(right, left) < 0 ? right : left;
  }

  #put(deadline: D, at: number): void {
    this.#heap[at] = deadline;
    deadline.at = at;
  }
}

export function byOrder(a: Deadline, b: Deadline): number {
  return a.dueMs - b.dueMs || a.order - b.order;
}
