import { after, earlier } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Device } from '../site.ts';
import type { Timer } from '../timers.ts';

/**
 * The broker keeps an availability, and repeats it to each new connection at once. A device that is
 * supervised by nothing else is reported if it is not heard within this time.
 */
const AVAILABILITY_MS = 120_000;

/** The time by which a device has to be heard. */
export class DeviceDeadline {
  readonly #context: Context;
  readonly #device: Device;
  readonly #due: Timer;
  /** The gateway has stalled since the device was last heard. */
  #excused = false;

  constructor(device: Device, context: Context) {
    this.#context = context;
    this.#device = device;
    this.#due = { type: 'deviceDue', device: device.id };
  }

  /** @param agoMs the device's window began this long ago; negative: it begins later */
  set(agoMs: number): void {
    const { heartbeatMs, missedHeartbeats } = this.#device;
    const windowMs = heartbeatMs > 0 ? heartbeatMs * missedHeartbeats : AVAILABILITY_MS;
    this.#context.timers.set(this.#due, after(this.#context.now.monoMs, windowMs - agoMs));
  }

  get isSet(): boolean {
    return this.#context.timers.has(this.#due);
  }

  clear(): void {
    this.#context.timers.clear(this.#due);
  }

  /** The device was heard. */
  met(): void {
    this.#excused = false;
  }

  /**
   * The gateway heard nothing for `deafMs`. The device is not judged before another heartbeat is
   * due. If the gateway stalls again before it hears the device, the deadline moves by that time
   * only: a gateway that often stalls would otherwise never report a loss.
   */
  excuse(deafMs: number): void {
    const { timers, now } = this.#context;
    const dueMs = timers.dueMs(this.#due);
    const nextMs = after(now.monoMs, this.#device.heartbeatMs || AVAILABILITY_MS);
    if (dueMs === undefined || dueMs >= nextMs) return;
    const untilMs = this.#excused ? earlier(nextMs, after(dueMs, deafMs)) : nextMs;
    this.#excused = true;
    timers.set(this.#due, untilMs);
  }
}
