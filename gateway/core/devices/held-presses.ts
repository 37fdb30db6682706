import type { Context } from '../context.ts';

/** A disk that hangs holds a press back no longer than this: the alert leaves, whatever becomes of the record. */
const HOLD_MS = 50;

/** Presses that wait for the record of their counter, so that no crash lets the same advertisement be believed twice. */
export class HeldPresses {
  readonly #context: Context;
  /** By number of the record. */
  readonly #held = new Map<number, () => void>();

  constructor(context: Context) {
    this.#context = context;
  }

  hold(record: number, believe: () => void): void {
    this.#held.set(record, believe);
    const { timers, now } = this.#context;
    timers.set(keyOf(record), now.monoMs + HOLD_MS, { type: 'believe', held: record });
  }

  /** Every record up to `number` is durable. */
  durable(number: number): void {
    for (const record of this.#held.keys()) if (record <= number) this.believe(record);
  }

  /** The gateway ends. Their records are written with the rest, so that after the restart they are repeats: only the alerts keep them. */
  believeAll(): void {
    for (const record of this.#held.keys()) this.believe(record);
  }

  believe(record: number): void {
    const believe = this.#held.get(record);
    this.#held.delete(record);
    this.#context.timers.clear(keyOf(record));
    believe?.();
  }
}

function keyOf(record: number): string {
  return `believe:${record}`;
}
