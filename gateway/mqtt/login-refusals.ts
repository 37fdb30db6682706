import { after, type MonoMs } from '../../protocol/clocks.ts';

/** What a wrong password costs. */
interface RefusalCost {
  /** Wait before the refusal is sent, ms. */
  readonly waitMs: number;
  /** How many refusals may wait: of one address, and of all. */
  readonly each: number;
  readonly together: number;
}

export const REFUSAL_COST: RefusalCost = { waitMs: 2000, each: 64, together: 128 };

interface Waiting {
  readonly source: string;
  readonly dueMs: MonoMs;
  readonly say: () => void;
  readonly giveWay: () => void;
}

/**
 * Only refusals wait. A right password is answered at once, whatever its address has tried before,
 * so nobody can lock anybody out. One timer serves all of them. When too many wait, the oldest
 * connection is closed.
 */
export class Refusals {
  readonly #cost: RefusalCost;
  readonly #clock: () => MonoMs;
  /** Oldest first. */
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param clock monotonic ms */
  constructor(cost: RefusalCost, clock: () => MonoMs) {
    this.#cost = cost;
    this.#clock = clock;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @param giveWay closes the connection without an answer */
  add(source: string, say: () => void, giveWay: () => void): void {
    this.#waiting.push({ source, dueMs: after(this.#clock(), this.#cost.waitMs), say, giveWay });
    const ofSource = this.#waiting.filter((each) => each.source === source);
    if (ofSource.length > this.#cost.each) this.#drop(ofSource[0]);
    else if (this.#waiting.length > this.#cost.together) this.#drop(this.#waiting[0]);
    this.#timer ??= setTimeout(() => this.#sayDue(), this.#cost.waitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const { giveWay } of this.#waiting.splice(0)) giveWay();
  }

  #drop(one: Waiting | undefined): void {
    if (one === undefined) return;
    this.#waiting.splice(this.#waiting.indexOf(one), 1);
    one.giveWay();
  }

  #sayDue(): void {
    this.#timer = undefined;
    const nowMs = this.#clock();
    while ((this.#waiting[0]?.dueMs ?? Number.POSITIVE_INFINITY) <= nowMs) this.#waiting.shift()?.say();
    const [next] = this.#waiting;
    if (next !== undefined) this.#timer = setTimeout(() => this.#sayDue(), next.dueMs - nowMs);
  }
}
