import type { Led } from '../nodes/press-watch.ts';
import type { Shown } from './node-machine.ts';

/**
 * Half a period of the slow blink (1 Hz) is longer than this, and of the fast one (4 Hz) shorter.
 */
const FAST_MS_MAX = 250;
/** A colour that stays for so long does not blink. */
const STEADY_MS = 300;
/** A dark LED that stays dark for so long is off. */
const DARK_MS = 700;

/** Tells from the colours of an LED, as a person does, what they mean. */
export class LedWatch {
  led: Led = 'off';
  #colour: Shown['colour'] = 'dark';
  #sinceMs = 0;

  /** The time at which it knows more without a change; `Infinity` if never. */
  get dueMs(): number {
    if (this.#colour === 'dark') return this.led === 'off' ? Infinity : this.#sinceMs + DARK_MS;
    if (this.#colour === 'amber') return this.led === 'amberSlow' ? Infinity : this.#sinceMs + STEADY_MS;
    return this.led === this.#colour ? Infinity : this.#sinceMs + STEADY_MS;
  }

  changed(colour: Shown['colour'], nowMs: number): void {
    const wasFast = nowMs - this.#sinceMs < FAST_MS_MAX;
    if (colour === 'dark' && this.#colour === 'amber') this.led = wasFast ? 'amberFast' : 'amberSlow';
    this.#colour = colour;
    this.#sinceMs = nowMs;
  }

  look(nowMs: number): void {
    if (nowMs < this.dueMs) return;
    if (this.#colour === 'dark') this.led = 'off';
    else this.led = this.#colour === 'amber' ? 'amberSlow' : this.#colour;
  }
}
