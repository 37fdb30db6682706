import {
  AD_MANUFACTURER,
  composeAdvertisingData,
  GENERAL_DISCOVERABLE,
  serviceData,
} from '../../protocol/ble/advertising-data.ts';
import { BTHOME_UUID } from '../../protocol/ble/bthome.ts';
import { EDDYSTONE_UUID } from '../../protocol/ble/eddystone.ts';

/**
 * The advertising data in which this service or manufacturer data came, as far as it is known.
 * @returns `undefined` if no advertisement has room for it
 */
export function advertisingData(kind: string, bytes: Uint8Array): Uint8Array | undefined {
  const structures = {
    bthome: [GENERAL_DISCOVERABLE, serviceData(BTHOME_UUID, bytes)],
    eddystone: [serviceData(EDDYSTONE_UUID, bytes)],
    iBeacon: [GENERAL_DISCOVERABLE, { type: AD_MANUFACTURER, value: bytes }],
  }[kind] ?? [GENERAL_DISCOVERABLE];
  try {
    return composeAdvertisingData(structures);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
