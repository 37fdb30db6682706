import type { DeviceCondition } from '../documents.ts';
import type { Heartbeat, Readings } from '../signal.ts';
import type { Device } from '../site.ts';
import type { Troubles } from '../troubles/troubles.ts';

/** What a device has told of itself: battery, cover, supply. `null`: it never did. */
export class DeviceFacts {
  readonly #device: Device;
  readonly #troubles: Troubles;
  #facts: DeviceCondition = {
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

  get condition(): DeviceCondition {
    return this.#facts;
  }

  /** True if something changed that should be published at once. */
  heartbeat({ tamper, lowBattery, batteryMv, supplyMv, silentMode }: Heartbeat): boolean {
    return this.#set({
      ...this.#facts,
      tamper,
      lowBattery,
      batteryMv: batteryMv ?? null,
      supplyMv: supplyMv ?? null,
      silentMode,
    });
  }

  /** What is not said stays as it was. */
  readings({ tamper, lowBattery, batteryMv, batteryPercent }: Readings): boolean {
    const before = this.#facts;
    return this.#set({
      ...before,
      tamper: tamper ?? before.tamper,
      lowBattery: lowBattery ?? before.lowBattery,
      batteryMv: batteryMv ?? before.batteryMv,
      batteryPercent: batteryPercent ?? before.batteryPercent,
    });
  }

  /** Ends what stands from an earlier run, read late, and is known to be over. */
  restoreTroubles(): void {
    this.#flag('lowBattery', this.#facts.lowBattery, 'Low battery');
    this.#flag('tamper', this.#facts.tamper, 'Tamper: cover open');
  }

  #set(facts: DeviceCondition): boolean {
    const before = this.#facts;
    this.#facts = facts;
    this.restoreTroubles();
    return (
      before.lowBattery !== facts.lowBattery ||
      before.tamper !== facts.tamper ||
      before.silentMode !== facts.silentMode ||
      before.batteryPercent !== facts.batteryPercent
    );
  }

  #flag(type: 'lowBattery' | 'tamper', on: boolean | null, words: string): void {
    const { id, location } = this.#device;
    if (on) this.#troubles.raise(type, id, `${words}: ${id}, ${location.text}`, this.#device);
    else if (on === false) this.#troubles.restore(type, id);
  }
}
