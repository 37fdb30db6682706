import { addressBytes } from '../../protocol/ble/address.ts';
import { parseAdvertisingData } from '../../protocol/ble/advertising-data.ts';
import { BTHOME_UUID, type BthomeMessage, parseBthomeFrame, parseObjects } from '../../protocol/ble/bthome.ts';
import { openBthome } from '../../protocol/ble/bthome-encryption.ts';
import { nodeBthomeCcm } from '../ble/node-bthome-ccm.ts';

/** Service data with a UUID of 16 bits, little-endian (Assigned Numbers §2.3). */
const SERVICE_DATA_16 = 0x16;

/**
 * What a tag advertises, for a person.
 * @param key of its encrypted BTHome
 * @returns `undefined` if it is no BTHome
 */
export function describeBthome(address: string, data: Uint8Array, key: Uint8Array | undefined): string | undefined {
  const service = parseAdvertisingData(data).find(({ type, value }) => {
    return type === SERVICE_DATA_16 && value[0] === (BTHOME_UUID & 0xff) && value[1] === BTHOME_UUID >> 8;
  });
  const frame = service && parseBthomeFrame(service.value.slice(2));
  if (frame === undefined) return undefined;
  if (!frame.encrypted) return describeObjects(parseObjects(frame.body));
  const from = addressBytes(address);
  const opened = from && key && openBthome(nodeBthomeCcm, key, from, frame);
  if (opened === undefined) return 'BTHome, sealed with another key';
  return `${describeObjects(parseObjects(opened.objects))}, counter ${opened.counter}`;
}

function describeObjects({ buttons, openings, batteryPercent }: BthomeMessage): string {
  const presses = buttons.flatMap((pattern, at) =>
    pattern === undefined ? [] : [`press of button ${at}, ${pattern}`],
  );
  const doors = openings.map((isOpen) => (isOpen ? 'door open' : 'door closed'));
  const battery = batteryPercent === undefined ? [] : [`battery ${batteryPercent} %`];
  return [...presses, ...doors, ...battery].join(', ') || 'sign of life';
}
