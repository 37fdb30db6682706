import { after } from '../../../protocol/clocks.ts';
import type { PointState } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import { known } from '../invariant.ts';
import type { Device, Point, PointType } from '../site.ts';
import type { Timer } from '../timers.ts';

const STATES: Record<PointType, readonly [normal: PointState, active: PointState]> = {
  doorContact: ['closed', 'open'],
  bolt: ['locked', 'unlocked'],
  tamper: ['ok', 'tampered'],
};

interface Pending {
  readonly active: boolean;
  /** The change was heard before the device was last lost. */
  inDoubt: boolean;
}

/**
 * The debounced points of one device: door contacts, bolts, tamper switches. Unknown until heard.
 */
export class Points {
  #device: Device;
  readonly #context: Context;
  readonly #changed: (point: Point) => void;
  readonly #active = new Map<number, boolean>();
  readonly #pending = new Map<number, Pending>();
  /**
   * Points whose last message is older than the last loss of their device: they may have changed
   * since.
   */
  readonly #doubtful = new Set<number>();

  constructor(device: Device, context: Context, changed: (point: Point) => void) {
    this.#device = device;
    this.#context = context;
    this.#changed = changed;
  }

  /** A reload has reworded the device. */
  adopt(device: Device): void {
    this.#device = device;
  }

  /**
   * A change counts once it has held for the point's `debounceMs`; one that falls back before then
   * never happened. True if the point was in doubt and is known now, or the other way round.
   *
   * @param isCurrent false: the message may be old. It is better than nothing, and may put what is
   *   known in doubt
   */
  heard(number: number, active: boolean, isCurrent = true): boolean {
    const point = this.#device.points.get(number);
    // A node's heartbeat lists every point it has. The site names those that are wired.
    if (point === undefined) return false;
    if (!isCurrent && (this.#active.has(number) || this.#pending.has(number))) return this.#contradict(number, active);
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
    this.#pending.set(number, { active, inDoubt: !isCurrent });
    timers.set(timer, after(now.monoMs, point.debounceMs));
    return false;
  }

  /** A message that may be old says otherwise: nobody knows which of them is right. */
  #contradict(number: number, active: boolean): boolean {
    const pending = this.#pending.get(number);
    if (pending !== undefined && pending.active !== active) pending.inDoubt = true;
    const known = this.#active.get(number);
    if (known === undefined || known === active || this.#doubtful.has(number)) return false;
    this.#doubtful.add(number);
    return true;
  }

  /** The device, or the way to it, is lost: its points may change unheard. */
  doubt(): void {
    for (const number of this.#active.keys()) this.#doubtful.add(number);
    for (const pending of this.#pending.values()) pending.inDoubt = true;
  }

  /** The wire is cut or shorted: the last state means nothing any more. */
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

  /** As `state`, but `unknown` from a loss of the device until the point is heard anew. */
  certainState(point: Point): PointState {
    return this.#doubtful.has(point.number) ? 'unknown' : this.state(point);
  }

  /** The last state that was heard, if any was. */
  state(point: Point): PointState {
    const active = this.#active.get(point.number);
    return active === undefined ? 'unknown' : STATES[point.type][active ? 1 : 0];
  }

  #debounce(number: number): Timer {
    return { type: 'debounce', device: this.#device.id, point: number };
  }
}
