import { type MonoMs, after as timeAfter, type WallMs } from '../../protocol/clocks.ts';

interface Planned {
  readonly atMs: MonoMs;
  /** Events at the same time happen in the order of their planning. */
  readonly order: number;
  readonly run: () => void;
}

/** A queue of events on simulated time: a heap, the next one at its top. */
export class WorldClock {
  nowMs = 1000 as MonoMs;
  /** Added to `nowMs` for the true time: that of receivers. */
  readonly trueOffsetMs = Date.UTC(2026, 0, 5, 8, 0, 0);
  /** The same for the gateway’s wall clock. For a Pi that boots in 1970 it is a small number. */
  wallOffsetMs = Date.UTC(2026, 0, 5, 8, 0, 0);
  readonly #heap: Planned[] = [];
  #planned = 0;

  get now(): { readonly monoMs: MonoMs; readonly wallMs: WallMs } {
    return { monoMs: this.nowMs, wallMs: (this.nowMs + this.wallOffsetMs) as WallMs };
  }

  get trueWallMs(): number {
    return this.nowMs + this.trueOffsetMs;
  }

  at(atMs: number, run: () => void): void {
    this.#planned += 1;
    const planned = { atMs: Math.max(atMs, this.nowMs) as MonoMs, order: this.#planned, run };
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Planned;
      if (!isBefore(planned, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = planned;
  }

  after(waitMs: number, run: () => void): void {
    this.at(timeAfter(this.nowMs, waitMs), run);
  }

  runUntil(untilMs: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#removeTop();
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs as MonoMs;
  }

  #removeTop(): void {
    const heap = this.#heap;
    const moved = heap.pop();
    const { length } = heap;
    if (moved === undefined || length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(heap[child + 1] as Planned, heap[child] as Planned)) child += 1;
      if (!isBefore(heap[child] as Planned, moved)) break;
      heap[place] = heap[child] as Planned;
      place = child;
    }
    heap[place] = moved;
  }
}

function isBefore(one: Planned, other: Planned): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
