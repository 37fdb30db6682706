import type { MonoMs } from '../../../protocol/clocks.ts';
import { after, LONG_AGO_MS, later } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Device } from '../site.ts';

/** What waited for an input is heard within this time: a bus node repeats a press every 2.4 s. */
const SETTLES_MS = 5_000;
/** A heartbeat that is late by more is overdue. */
const OVERDUE_PART = 1.25;

/**
 * Tells whether a message that a device sends now may have waited, because the line to it was cut
 * and is whole again. No wire says how old a press is.
 */
export class WaitedMessages {
  readonly #device: Device;
  readonly #context: Context;
  #inputUpMs = LONG_AGO_MS;
  #aliveMs = LONG_AGO_MS;

  constructor(device: Device, context: Context) {
    this.#device = device;
    this.#context = context;
  }

  inputUp(): void {
    this.#inputUpMs = this.#context.now.monoMs;
  }

  /** The device was alive `agoMs` ago. */
  alive(agoMs: number): void {
    this.#aliveMs = after(this.#context.now.monoMs, -agoMs);
  }

  /** May it have waited since before `sinceMs`? Its input came up just now, or it is overdue. */
  mayBe(sinceMs: MonoMs): boolean {
    const { monoMs } = this.#context.now;
    const settledMs = after(this.#inputUpMs, SETTLES_MS);
    if (settledMs > sinceMs && monoMs < settledMs) return true;
    const { heartbeatMs } = this.#device;
    if (heartbeatMs === 0 || this.#aliveMs >= sinceMs) return false;
    return monoMs - later(this.#aliveMs, this.#inputUpMs) > heartbeatMs * OVERDUE_PART + SETTLES_MS;
  }
}
