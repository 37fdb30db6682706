import type { DeviceDocument } from '../../../protocol/mqtt-documents.ts';
import type { Heartbeat, Readings } from '../signal.ts';
import type { Device } from '../site.ts';
import type { Troubles } from '../troubles/troubles.ts';

type Facts = Pick<
  DeviceDocument,
  'tamper' | 'low_battery' | 'battery_mv' | 'battery_percent' | 'supply_mv' | 'silent_mode'
>;

/** What a device has told of itself: battery, cover, supply. `null`: it never did. */
export class DeviceFacts {
  readonly #device: Device;
  readonly #troubles: Troubles;
  #facts: Facts = {
    tamper: null,
    low_battery: null,
    battery_mv: null,
    battery_percent: null,
    supply_mv: null,
    silent_mode: null,
  };

  constructor(device: Device, troubles: Troubles) {
    this.#device = device;
    this.#troubles = troubles;
  }

  get document(): Facts {
    return this.#facts;
  }

  /** True if something changed that should be published at once. */
  heartbeat({ tamper, lowBattery, batteryMv, supplyMv, silentMode }: Heartbeat): boolean {
    return this.#set({
      ...this.#facts,
      tamper,
      low_battery: lowBattery,
      battery_mv: batteryMv ?? null,
      supply_mv: supplyMv ?? null,
      silent_mode: silentMode,
    });
  }

  /** What is not said stays as it was. */
  readings({ tamper, lowBattery, batteryMv, batteryPercent }: Readings): boolean {
    const before = this.#facts;
    return this.#set({
      ...before,
      tamper: tamper ?? before.tamper,
      low_battery: lowBattery ?? before.low_battery,
      battery_mv: batteryMv ?? before.battery_mv,
      battery_percent: batteryPercent ?? before.battery_percent,
    });
  }

  /** Ends what stands from an earlier run, read late, and is known to be over. */
  restoreTroubles(): void {
    this.#flag('lowBattery', this.#facts.low_battery, 'Low battery');
    this.#flag('tamper', this.#facts.tamper, 'Tamper: cover open');
  }

  #set(facts: Facts): boolean {
    const before = this.#facts;
    this.#facts = facts;
    this.restoreTroubles();
    return (
      before.low_battery !== facts.low_battery ||
      before.tamper !== facts.tamper ||
      before.silent_mode !== facts.silent_mode ||
      before.battery_percent !== facts.battery_percent
    );
  }

  #flag(type: 'lowBattery' | 'tamper', on: boolean | null, words: string): void {
    const { id, location } = this.#device;
    if (on) this.#troubles.raise(type, id, `${words}: ${id}, ${location.text}`, this.#device);
    else if (on === false) this.#troubles.restore(type, id);
  }
}
