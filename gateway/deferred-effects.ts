import { after, type MonoMs, NEVER_MS } from '../protocol/clocks.ts';
import type { Effect } from './core/effect.ts';
import { monoMs } from './system/clock.ts';

/** Longest stretch of deferred work between two checks for new input. */
const SLICE_MS = 1;
/** While messages leave for receivers, more deferred work than this waits for them. */
const FEW = 64;
/** Deferred work waits no longer than this for messages to receivers. */
const WAIT_MS_MAX = 100;
/** It waits no longer either when there is more than this of it. */
const WAITING_MAX = 16_384;

interface DeferredDeps {
  readonly nowMs: () => MonoMs;
  /** Calls back at the end of this turn of the event loop. */
  readonly atEndOfTurn: (turn: () => void) => void;
}

/**
 * Effects that are not on the way to a receiver: records, documents, log lines, lamps. They are
 * carried out in order, right after the turn of the event loop that caused them. If a turn brings
 * more than it can take, they run in slices, so that no press waits while the records of earlier
 * presses are written.
 *
 * In a storm they wait while every turn sends messages to receivers, for at most `WAIT_MS_MAX`. So
 * a thousand alerts leave first, and their records follow together. If no receiver takes messages,
 * none is sent and nothing waits: then only the record can tell the wall that the press was heard.
 */
export class DeferredEffects {
  readonly #perform: (effect: Effect) => void;
  readonly #deps: DeferredDeps;
  #waiting: (Effect | undefined)[] = [];
  #next = 0;
  /** When those that wait began to wait for messages to receivers. */
  #sinceMs = NEVER_MS;
  #hasSent = false;
  #isArmed = false;

  /** @param perform must not throw */
  constructor(perform: (effect: Effect) => void, deps: DeferredDeps = { nowMs: monoMs, atEndOfTurn: setImmediate }) {
    this.#perform = perform;
    this.#deps = deps;
  }

  get isEmpty(): boolean {
    return this.#next >= this.#waiting.length;
  }

  add(effect: Effect): void {
    this.#waiting.push(effect);
    this.#arm();
  }

  /** Call this when a message leaves for a receiver. */
  sent(): void {
    this.#hasSent = true;
  }

  /** Carries everything out now. */
  flush(): void {
    this.#work(NEVER_MS);
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#deps.atEndOfTurn(() => this.#endOfTurn());
  }

  #endOfTurn(): void {
    this.#isArmed = false;
    const nowMs = this.#deps.nowMs();
    if (this.#hasSent && this.#mayWait(nowMs)) this.#sinceMs = earlier(this.#sinceMs, nowMs);
    else this.#work(after(nowMs, SLICE_MS));
    this.#hasSent = false;
    if (!this.isEmpty) this.#arm();
  }

  #mayWait(nowMs: MonoMs): boolean {
    const count = this.#waiting.length - this.#next;
    return count > FEW && count <= WAITING_MAX && nowMs - this.#sinceMs < WAIT_MS_MAX;
  }

  #work(untilMs: MonoMs): void {
    while (this.#next < this.#waiting.length) {
      const effect = this.#waiting[this.#next];
      // In a storm that lasts the list is never empty. What was carried out must not stay with it.
      this.#waiting[this.#next] = undefined;
      this.#next += 1;
      if (effect !== undefined) this.#perform(effect);
      if (this.#deps.nowMs() >= untilMs) break;
    }
    if (!this.isEmpty) {
      if (this.#next > WAITING_MAX) this.#dropDone();
      return;
    }
    this.#dropDone();
    this.#sinceMs = NEVER_MS;
  }

  #dropDone(): void {
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }
}

function earlier(one: MonoMs, other: MonoMs): MonoMs {
  return one < other ? one : other;
}
