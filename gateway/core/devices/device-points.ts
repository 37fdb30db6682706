import type { PointState } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import type { Identity } from '../signal.ts';
import type { Device, Point } from '../site.ts';
import type { DeviceCondition } from './device-condition.ts';
import { MessageOrder } from './message-order.ts';
import { Points } from './points.ts';

/**
 * Called when what is known of a point may have changed: it was heard, or its wire or device was
 * lost or came back.
 */
export type PointListener = (device: string, point: number) => void;

interface DevicePointsDeps {
  /** Has the troubles of tamper switches. */
  readonly condition: DeviceCondition;
  readonly onPoint: PointListener;
  /** Publishes the document of the device. */
  readonly publish: () => void;
}

/** What one device reports of its points, and who learns of it. */
export class DevicePoints {
  #device: Device;
  readonly #context: Context;
  readonly #deps: DevicePointsDeps;
  readonly #order = new MessageOrder();
  readonly #points: Points;

  constructor(device: Device, context: Context, deps: DevicePointsDeps) {
    this.#device = device;
    this.#context = context;
    this.#deps = deps;
    this.#points = new Points(device, context, (point) => this.#changed(point));
  }

  /** A reload has reworded the device. */
  adopt(device: Device): void {
    this.#device = device;
    this.#points.adopt(device);
  }

  /** @param isCurrent whether the state is that of now */
  heard(number: number, active: boolean, identity: Identity, isCurrent: boolean): void {
    if (!this.#order.accepts(number, identity)) return;
    const isChanged = this.#points.heard(number, active, isCurrent);
    const point = this.#device.points.get(number);
    // A change that debounces is told when it has held.
    if (!isChanged || point === undefined) return;
    this.#tamper(point);
    this.#deps.onPoint(this.#device.id, number);
  }

  /** The point's wire is cut or shorted. */
  lose(number: number): void {
    this.#points.lose(number);
  }

  /** The device, or the way to it, is lost: its points may change unheard. */
  doubt(): void {
    this.#points.doubt();
  }

  debounced(number: number): void {
    this.#points.debounced(number);
  }

  /** As it was heard last. */
  state(point: Point): PointState {
    return this.#points.state(point);
  }

  /** `unknown` while the last state may be old. */
  certainState(point: Point): PointState {
    return this.#points.certainState(point);
  }

  /** The device was lost or came back, and all its points with it. */
  notifyAll(): void {
    for (const number of this.#device.points.keys()) this.#deps.onPoint(this.#device.id, number);
  }

  /**
   * Restores troubles of an earlier run, whose records were read late, if their cause is known to
   * be over.
   */
  restoreTroubles(): void {
    for (const point of this.#device.points.values()) this.#tamper(point);
  }

  #changed(point: Point): void {
    const device = this.#device.id;
    this.#context.log('info', 'point', { device, point: point.id, state: this.state(point) });
    this.#tamper(point);
    this.#deps.publish();
    this.#deps.onPoint(device, point.number);
  }

  #tamper(point: Point): void {
    this.#deps.condition.tamperPoint(point, this.state(point), this.certainState(point));
  }
}
