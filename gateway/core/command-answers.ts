import { after } from '../../protocol/clocks.ts';
import type { Context } from './context.ts';
import type { CommandAnswer } from './effect.ts';
import { invariant } from './invariant.ts';

/** A person waits no longer than this for the disk. The control socket's own limit is longer. */
const HOLD_MS = 2_000;
const NOT_DURABLE = 'not on the disk yet: if the gateway is restarted now, ask it what stands';

interface Held {
  readonly record: number;
  readonly answer: CommandAnswer;
}

/**
 * Answers to commands. Each waits until the records of what was done are durable, so that a crash
 * undoes nothing that was answered: a drill that a person has stopped must not run again.
 */
export class CommandAnswers {
  readonly #context: Context;
  /** By ticket, oldest first. */
  readonly #held = new Map<number, Held>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** @param before the number of the newest record before the command */
  give(ticket: number, answer: CommandAnswer, before: number): void {
    const { lastRecord: record, timers, now } = this.#context;
    if (record === before) {
      this.#emit(ticket, answer);
      return;
    }
    this.#held.set(ticket, { record, answer });
    timers.set({ type: 'commandAnswer', ticket }, after(now.monoMs, HOLD_MS));
  }

  /** Every record up to `number` is durable. */
  durable(number: number): void {
    for (const [ticket, { record, answer }] of this.#held) {
      if (record > number) return;
      this.#release(ticket);
      this.#emit(ticket, answer);
    }
  }

  /** The disk has taken too long. */
  late(ticket: number): void {
    const held = this.#held.get(ticket);
    invariant(held !== undefined, `no answer is held for command ${ticket}`);
    this.#release(ticket);
    const { ok, text } = held.answer;
    this.#emit(ticket, { ok, text: `${text}; ${NOT_DURABLE}` });
  }

  #release(ticket: number): void {
    this.#held.delete(ticket);
    this.#context.timers.clear({ type: 'commandAnswer', ticket });
  }

  #emit(ticket: number, { ok, text }: CommandAnswer): void {
    this.#context.emit({ type: 'commandAnswer', ticket, ok, text });
  }
}
