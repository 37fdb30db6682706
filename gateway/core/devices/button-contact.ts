import { after, later, type MonoMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { ContactState } from '../signal.ts';
import type { Button, ContactTiming, Device } from '../site.ts';
import type { Timer } from '../timers.ts';
import type { Troubles } from '../troubles/troubles.ts';

export interface ButtonContactDeps {
  /**
   * The contact was pressed. `capturedMs` is the time of its first edge; `bounces`: how often it
   * opened again before it stayed closed.
   */
  pressed(button: Button, capturedMs: MonoMs, bounces: number): void;
  /** An alert of this button is open, raised before this start. */
  isOpen(button: Button): boolean;
}

/**
 * A wired button. A contact that stays active for `minimumMs` is one press, timed from its first
 * edge; bouncing after it is not another. A button held for longer than `stuckMs` is one alert and
 * then a trouble.
 */
export class ButtonContact {
  #device: Device;
  #button: Button;
  readonly #timing: ContactTiming;
  readonly #context: Context;
  readonly #troubles: Troubles;
  readonly #deps: ButtonContactDeps;
  readonly #due: Timer;
  #active: boolean | undefined;
  #changedMs: MonoMs;
  /** The press was passed on, and the contact has not been normal for `rearmMs` since. */
  #reported = false;
  /** How often it became active again before it had been normal for `rearmMs`. */
  #bounces = 0;
  /** The contact was active when it was first read. */
  #found = false;

  constructor(device: Device, button: Button, context: Context, troubles: Troubles, deps: ButtonContactDeps) {
    if (button.contact === undefined) throw new Error(`button ${button.id} of ${device.id} is no wired contact`);
    this.#device = device;
    this.#button = button;
    this.#timing = button.contact;
    this.#changedMs = context.now.monoMs;
    this.#due = { type: 'buttonContact', device: device.id, button: button.number };
    this.#context = context;
    this.#troubles = troubles;
    this.#deps = deps;
  }

  /** A reload has reworded the device. */
  adopt(device: Device, button: Button): void {
    this.#device = device;
    this.#button = button;
  }

  get isActive(): boolean {
    return this.#active === true;
  }

  heard(state: ContactState, capturedMs: MonoMs): void {
    const active = state === 'active';
    if (active === this.#active) return;
    const before = this.#active;
    const lastedMs = capturedMs - this.#changedMs;
    this.#active = active;
    this.#changedMs = capturedMs;
    if (active) this.#nowActive(before, lastedMs);
    else this.#nowNormal(before, lastedMs);
  }

  /** The least or the longest duration of a press is over. */
  due(): void {
    if (this.#active !== true) return;
    if (this.#reported) this.#stuck();
    else this.#press(this.#changedMs);
  }

  /**
   * Restores troubles of an earlier run, whose records were read late, if their cause is known to
   * be over.
   */
  restoreTroubles(): void {
    if (this.#active === false) this.#troubles.restore('stuckButton', this.#subject());
  }

  #nowActive(before: boolean | undefined, normalForMs: number): void {
    this.#found = before === undefined;
    this.#bounces = before !== undefined && normalForMs < this.#timing.rearmMs ? this.#bounces + 1 : 0;
    if (this.#reported && normalForMs >= this.#timing.rearmMs) this.#reported = false;
    if (this.#reported) return;
    if (this.#timing.minimumMs === 0) this.#press(this.#changedMs);
    // If this process was held up, the edge that ends the press may be waiting already: handle it
    // before the timer.
    else this.#await(later(after(this.#changedMs, this.#timing.minimumMs), after(this.#context.now.monoMs, 1)));
  }

  #nowNormal(before: boolean | undefined, activeForMs: number): void {
    if (before === true && !this.#reported && activeForMs >= this.#timing.minimumMs)
      this.#press(after(this.#changedMs, -activeForMs));
    this.#context.timers.clear(this.#due);
    this.#troubles.restore('stuckButton', this.#subject());
  }

  #press(capturedMs: MonoMs): void {
    this.#reported = true;
    if (this.#active === true) this.#await(after(this.#context.now.monoMs, this.#timing.stuckMs));
    // Pressed since before the start: its alert was raised then, or it is known to be stuck.
    if (this.#found && this.#isKnown()) return;
    this.#deps.pressed(this.#button, capturedMs, this.#bounces);
  }

  #isKnown(): boolean {
    return this.#troubles.stands('stuckButton', this.#subject()) || this.#deps.isOpen(this.#button);
  }

  #stuck(): void {
    const { id, location, area } = this.#device;
    const { zone } = this.#button;
    const text = `Button stuck: ${id} ${this.#button.id}, ${location.text}: pressed for ${this.#timing.stuckMs / 1000} s`;
    this.#troubles.raise('stuckButton', this.#subject(), { text }, { zone, area });
  }

  #await(dueMs: MonoMs): void {
    this.#context.timers.set(this.#due, dueMs);
  }

  #subject(): string {
    return `${this.#device.id}.${this.#button.id}`;
  }
}
