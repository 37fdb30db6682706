import { after, LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { UnknownSignal } from '../signal.ts';

/** One line for each sender in this time, and no more than this many lines for all together. */
const GAP_MS = 3_600_000;
const LINES_MAX = 20;

/**
 * Lines of the log about encrypted devices that nobody here knows and that sent an event. It may be
 * the press of a tag that was not enrolled, and mostly it is a neighbour's door: no receiver is
 * told, and it is not silent. `callpoint devices discover` shows them.
 */
export class StrangerLog {
  readonly #context: Context;
  readonly #loggedMs = new Map<string, MonoMs>();
  #sinceMs: MonoMs = LONG_AGO_MS;
  #notLogged = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  heard({ input, address }: UnknownSignal): void {
    const { monoMs } = this.#context.now;
    if (monoMs >= after(this.#sinceMs, GAP_MS)) this.#begin(monoMs);
    const key = `${input}.${address}`;
    if (this.#loggedMs.has(key)) return;
    if (this.#loggedMs.size >= LINES_MAX) {
      this.#notLogged += 1;
      return;
    }
    this.#loggedMs.set(key, monoMs);
    const detail = 'an encrypted device that is not enrolled sent an event, which may be a press';
    this.#context.log('info', 'stranger.heard', { input, address, detail });
  }

  #begin(nowMs: MonoMs): void {
    if (this.#notLogged > 0) this.#context.log('info', 'stranger.notLogged', { messages: this.#notLogged });
    this.#loggedMs.clear();
    this.#notLogged = 0;
    this.#sinceMs = nowMs;
  }
}
