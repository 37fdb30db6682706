/**
 * A queue of events on simulated time. Events at the same time happen in the order of their
 * planning.
 */
export class WorldClock {
  nowMs = 1000;
  /** Added to `nowMs` for wall time. For a Pi that boots in 1970 it is a small number. */
  wallOffsetMs = Date.UTC(2026, 0, 5, 8, 0, 0);
  readonly #events: { atMs: number; run: () => void }[] = [];

  get now() {
    return { monoMs: this.nowMs, wallMs: this.nowMs + this.wallOffsetMs };
  }

  at(atMs: number, run: () => void): void {
    const event = { atMs: Math.max(atMs, this.nowMs), run };
    // The latest event is first, so that the next one is at the cheap end of the array.
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.atMs ?? 0) > event.atMs) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }

  after(waitMs: number, run: () => void): void {
    this.at(this.nowMs + waitMs, run);
  }

  runUntil(untilMs: number): void {
    for (let next = this.#events.at(-1); next !== undefined && next.atMs <= untilMs; next = this.#events.at(-1)) {
      this.#events.pop();
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
  }
}
