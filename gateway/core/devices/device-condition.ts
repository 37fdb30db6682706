import type { ConditionValues } from '../documents.ts';
import type { Heartbeat, Readings } from '../signal.ts';
import type { Device } from '../site.ts';
import type { Troubles } from '../troubles/troubles.ts';

/** What a device has reported of itself: battery, cover, supply. `null`: it never has. */
export class DeviceCondition {
  readonly #device: Device;
  readonly #troubles: Troubles;
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

  /**
   * Restores troubles of an earlier run, whose records were read late, if their cause is known to
   * be over.
   */
  restoreTroubles(): void {
    this.#flag('lowBattery', this.#condition.lowBattery, 'Low battery');
    this.#flag('tamper', this.#condition.tamper, 'Tamper: cover open');
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
    if (on) this.#troubles.raise(type, id, `${text}: ${id}, ${location.text}`, this.#device);
    else if (on === false) this.#troubles.restore(type, id);
  }
}
