import type { PointState } from '../../../protocol/states.ts';
import type { ConditionValues } from '../documents.ts';
import type { Heartbeat, Readings } from '../signal.ts';
import type { Device, Point } from '../site.ts';
import type { DeviceFault } from '../troubles/device-fault.ts';
import type { Troubles } from '../troubles/troubles.ts';

/** What a device has reported of itself: battery, cover, supply. `null`: it never has. */
export class DeviceCondition {
  #device: Device;
  readonly #troubles: Troubles;
  /** The driver has found nothing wrong. A fault of an earlier run may still stand. */
  #faultless = false;
  #condition: ConditionValues = {
    tamper: null,
    lowBattery: null,
    batteryMv: null,
    batteryPercent: null,
    supplyMv: null,
    silentMode: null,
  };

  constructor(device: Device, troubles: Troubles) {
    this.#device = device;
    this.#troubles = troubles;
  }

  /** A reload has reworded the device. */
  adopt(device: Device): void {
    this.#device = device;
  }

  get values(): ConditionValues {
    return this.#condition;
  }

  /** True if something has changed that is published at once. */
  heartbeat({ tamper, lowBattery, batteryMv, supplyMv, silentMode }: Heartbeat): boolean {
    return this.#set({
      ...this.#condition,
      tamper,
      lowBattery,
      batteryMv: batteryMv ?? null,
      supplyMv: supplyMv ?? null,
      silentMode,
    });
  }

  /** A field that the message does not mention keeps its value. */
  readings({ tamper, lowBattery, batteryMv, batteryPercent }: Readings): boolean {
    const before = this.#condition;
    return this.#set({
      ...before,
      tamper: tamper ?? before.tamper,
      lowBattery: lowBattery ?? before.lowBattery,
      batteryMv: batteryMv ?? before.batteryMv,
      batteryPercent: batteryPercent ?? before.batteryPercent,
    });
  }

  /** What its driver finds wrong with it; `undefined` when nothing is wrong any more. */
  fault(fault: DeviceFault | undefined): void {
    // Each message that proves its sender says so again.
    if (fault === undefined && this.#faultless) return;
    const { id, location } = this.#device;
    this.#faultless = fault === undefined;
    if (fault === undefined) {
      this.#troubles.restore('deviceFault', id);
      return;
    }
    const { cause, detail } = fault;
    const text = `Device fault: ${id}, ${location.text}${cause === undefined ? '' : `: ${cause}`}`;
    this.#troubles.raiseOrReword('deviceFault', id, { text, detail }, this.#device);
  }

  /**
   * A tamper switch may have changed.
   *
   * @param last what it reported last
   * @param certain the same, or `unknown` while that may be old
   */
  tamperPoint(point: Point, last: PointState, certain: PointState): void {
    const { id, location, area } = this.#device;
    const subject = `${id}.${point.id}`;
    const text = `Tamper: ${id} ${point.id}, ${location.text}`;
    if (last === 'tampered') this.#troubles.raise('tamper', subject, { text }, { zone: point.zone, area });
    else if (certain === 'ok') this.#troubles.restore('tamper', subject);
  }

  /**
   * Restores troubles of an earlier run, whose records were read late, if their cause is known to
   * be over.
   */
  restoreTroubles(): void {
    this.#flag('lowBattery', this.#condition.lowBattery, 'Low battery');
    this.#flag('tamper', this.#condition.tamper, 'Tamper: cover open');
    if (this.#faultless) this.#troubles.restore('deviceFault', this.#device.id);
  }

  #set(condition: ConditionValues): boolean {
    const before = this.#condition;
    this.#condition = condition;
    this.restoreTroubles();
    return (
      before.lowBattery !== condition.lowBattery ||
      before.tamper !== condition.tamper ||
      before.silentMode !== condition.silentMode ||
      before.batteryPercent !== condition.batteryPercent
    );
  }

  #flag(type: 'lowBattery' | 'tamper', on: boolean | null, text: string): void {
    const { id, location } = this.#device;
    if (on) this.#troubles.raise(type, id, { text: `${text}: ${id}, ${location.text}` }, this.#device);
    else if (on === false) this.#troubles.restore(type, id);
  }
}
