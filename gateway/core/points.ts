import type { PointState } from '../../protocol/mqtt-documents.ts';
import type { Context } from './context.ts';
import type { Device, Point, PointType } from './site.ts';

const WORDS: Record<PointType, readonly [normal: PointState, active: PointState]> = {
  doorContact: ['closed', 'open'],
  bolt: ['locked', 'unlocked'],
  tamper: ['ok', 'tampered'],
};

/** The debounced points of one device: door contacts, bolts, tamper switches. Unknown until heard. */
export class Points {
  readonly #device: Device;
  readonly #context: Context;
  readonly #changed: (point: Point) => void;
  readonly #active = new Map<number, boolean>();
  readonly #pending = new Map<number, boolean>();

  constructor(device: Device, context: Context, changed: (point: Point) => void) {
    this.#device = device;
    this.#context = context;
    this.#changed = changed;
  }

  /** A change is believed once it has held for the point's `debounceMs`; one that falls back before then never was. */
  heard(number: number, active: boolean): void {
    const point = this.#device.points.get(number);
    if (point === undefined) return;
    const { timers, now } = this.#context;
    const key = `debounce:${this.#device.id}:${number}`;
    if (this.#active.get(number) === active) {
      this.#pending.delete(number);
      timers.clear(key);
      return;
    }
    if (this.#pending.get(number) === active) return;
    this.#pending.set(number, active);
    timers.set(key, now.monoMs + point.debounceMs, { type: 'debounce', device: this.#device.id, point: number });
  }

  /** Its wire is cut or shorted: what it was last says nothing any more. */
  lose(number: number): void {
    const point = this.#device.points.get(number);
    this.#pending.delete(number);
    this.#context.timers.clear(`debounce:${this.#device.id}:${number}`);
    if (this.#active.delete(number) && point !== undefined) this.#changed(point);
  }

  debounced(number: number): void {
    const point = this.#device.points.get(number);
    const active = this.#pending.get(number);
    if (point === undefined || active === undefined) return;
    this.#pending.delete(number);
    this.#active.set(number, active);
    this.#changed(point);
  }

  state(point: Point): PointState {
    const active = this.#active.get(point.number);
    return active === undefined ? 'unknown' : WORDS[point.type][active ? 1 : 0];
  }
}
