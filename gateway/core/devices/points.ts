import { after } from '../../../protocol/clocks.ts';
import type { PointState } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import { known } from '../invariant.ts';
import type { Device, Point, PointType } from '../site.ts';
import type { Timer } from '../timers.ts';

const WORDS: Record<PointType, readonly [normal: PointState, active: PointState]> = {
  doorContact: ['closed', 'open'],
  bolt: ['locked', 'unlocked'],
  tamper: ['ok', 'tampered'],
};

interface Pending {
  readonly active: boolean;
  /** It was heard before the last doubt. */
  inDoubt: boolean;
}

/** The debounced points of one device: door contacts, bolts, tamper switches. Unknown until heard. */
export class Points {
  readonly #device: Device;
  readonly #context: Context;
  readonly #changed: (point: Point) => void;
  readonly #active = new Map<number, boolean>();
  readonly #pending = new Map<number, Pending>();
  /** What these last said was before the doubt: it may have changed since. */
  readonly #doubtful = new Set<number>();

  constructor(device: Device, context: Context, changed: (point: Point) => void) {
    this.#device = device;
    this.#context = context;
    this.#changed = changed;
  }

  /**
   * A change is believed once it has held for the point's `debounceMs`; one that falls back before then never was. True if this ends a doubt.
   */
  heard(number: number, active: boolean): boolean {
    const point = this.#device.points.get(number);
    // A node's heartbeat lists every point it has. The site names those that are wired.
    if (point === undefined) return false;
    const { timers, now } = this.#context;
    const timer = this.#debounce(number);
    if (this.#active.get(number) === active) {
      this.#pending.delete(number);
      timers.clear(timer);
      return this.#doubtful.delete(number);
    }
    const pending = this.#pending.get(number);
    if (pending?.active === active) {
      pending.inDoubt = false;
      return false;
    }
    this.#pending.set(number, { active, inDoubt: false });
    timers.set(timer, after(now.monoMs, point.debounceMs));
    return false;
  }

  /** The device, or the way to it, is lost: whatever was heard may change unheard. */
  doubt(): void {
    for (const number of this.#active.keys()) this.#doubtful.add(number);
    for (const pending of this.#pending.values()) pending.inDoubt = true;
  }

  /** Its wire is cut or shorted: what it was last says nothing any more. */
  lose(number: number): void {
    const point = known(this.#device.points, number, 'point');
    this.#pending.delete(number);
    this.#context.timers.clear(this.#debounce(number));
    this.#doubtful.delete(number);
    if (this.#active.delete(number)) this.#changed(point);
  }

  debounced(number: number): void {
    const point = known(this.#device.points, number, 'point');
    const pending = known(this.#pending, number, 'pending change of point');
    this.#pending.delete(number);
    this.#active.set(number, pending.active);
    if (pending.inDoubt) this.#doubtful.add(number);
    else this.#doubtful.delete(number);
    this.#changed(point);
  }

  /** As `state`, but unknown once it is in doubt, until it is heard anew. */
  certainState(point: Point): PointState {
    return this.#doubtful.has(point.number) ? 'unknown' : this.state(point);
  }

  /** What it last was, as far as that was ever heard. */
  state(point: Point): PointState {
    const active = this.#active.get(point.number);
    return active === undefined ? 'unknown' : WORDS[point.type][active ? 1 : 0];
  }

  #debounce(number: number): Timer {
    return { type: 'debounce', device: this.#device.id, point: number };
  }
}
