import { after } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import { invariant } from '../invariant.ts';

/**
 * A disk that hangs delays a press no longer than this: the alert is raised, whatever becomes of
 * the record.
 */
const HOLD_MS = 50;

/**
 * Presses that wait until the record of their counter is durable. After a crash, the same
 * advertisement is then a repeat and raises no second alert.
 */
export class HeldPresses {
  readonly #context: Context;
  /** What takes the press on, by number of the record. */
  readonly #held = new Map<number, () => void>();

  constructor(context: Context) {
    this.#context = context;
  }

  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  hold(record: number, takeOn: () => void): void {
    this.#held.set(record, takeOn);
    const { timers, now } = this.#context;
    timers.set({ type: 'heldPress', record }, after(now.monoMs, HOLD_MS));
  }

  /** Every record up to `number` is durable. */
  durable(number: number): void {
    for (const record of this.#held.keys()) if (record <= number) this.release(record);
  }

  /**
   * The gateway ends. The records are written with the rest, so that after the restart these
   * presses are repeats: only their alerts keep them.
   */
  releaseAll(): void {
    for (const record of this.#held.keys()) this.release(record);
  }

  /** Its record is durable, or has taken too long. */
  release(record: number): void {
    const takeOn = this.#held.get(record);
    invariant(takeOn !== undefined, `no press is held for record ${record}`);
    this.#held.delete(record);
    this.#context.timers.clear({ type: 'heldPress', record });
    takeOn();
  }
}
