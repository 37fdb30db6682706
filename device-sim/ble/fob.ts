import {
  AD_MANUFACTURER,
  AD_SERVICE_UUIDS_16,
  composeAdvertisingData,
  GENERAL_DISCOVERABLE,
  serviceData,
} from '../../protocol/ble/advertising-data.ts';
import { composeEddystoneUid, EDDYSTONE_UUID, type EddystoneUid } from '../../protocol/ble/eddystone.ts';
import { composeIBeacon, type IBeacon } from '../../protocol/ble/i-beacon.ts';
import type { Burst, RadioStep } from './burst.ts';

export type FobFormat =
  | ({ readonly type: 'iBeacon' } & Omit<IBeacon, 'powerDbm'>)
  | ({ readonly type: 'eddystone' } & Omit<EddystoneUid, 'powerDbm'>);

export interface FobSettings {
  readonly id: string;
  readonly address: string;
  readonly format: FobFormat;
  /**
   * Number of advertisements of one press, and the interval between them in ms. Defaults 30 and
   * 100.
   */
  readonly repeats?: number;
  readonly intervalMs?: number;
}

const POWER_DBM = -59;

/**
 * A fob that advertises the same packet for some seconds after a press. It has no clock and no
 * radio of its own.
 */
export class Fob {
  readonly settings: FobSettings;
  readonly #data: Uint8Array;
  #burst: Burst | undefined;

  /** @throws RangeError if an identifier has the wrong length. */
  constructor(settings: FobSettings) {
    this.settings = settings;
    this.#data = advertisingData(settings.format);
  }

  step(input: { readonly type: 'start' | 'press' | 'tick' }, nowMs: number): RadioStep {
    const { address, repeats = 30, intervalMs = 100 } = this.settings;
    if (input.type === 'press') {
      this.#burst = { advertisement: { address, data: this.#data }, left: repeats, dueMs: nowMs };
    }
    const burst = this.#burst;
    if (burst === undefined) return { advertisements: [], wakeMs: Infinity };
    if (nowMs < burst.dueMs) return { advertisements: [], wakeMs: burst.dueMs };
    const left = burst.left - 1;
    this.#burst = left > 0 ? { ...burst, left, dueMs: nowMs + intervalMs } : undefined;
    return { advertisements: [burst.advertisement], wakeMs: this.#burst?.dueMs ?? Infinity };
  }
}

function advertisingData(format: FobFormat): Uint8Array {
  if (format.type === 'iBeacon') {
    const value = composeIBeacon({ ...format, powerDbm: POWER_DBM });
    return composeAdvertisingData([GENERAL_DISCOVERABLE, { type: AD_MANUFACTURER, value }]);
  }
  const uuid = { type: AD_SERVICE_UUIDS_16, value: Uint8Array.of(EDDYSTONE_UUID & 0xff, EDDYSTONE_UUID >> 8) };
  const uid = composeEddystoneUid({ ...format, powerDbm: POWER_DBM });
  return composeAdvertisingData([GENERAL_DISCOVERABLE, uuid, serviceData(EDDYSTONE_UUID, uid)]);
}
