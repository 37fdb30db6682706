import { bytesToHex, hexToBytes } from '../bytes.ts';

/**
 * Start of the manufacturer data: Apple's company identifier, then type and length of an iBeacon.
 */
const PREFIX = Uint8Array.of(0x4c, 0x00, 0x02, 0x15);
const UUID_BYTES = 16;
const BYTES = PREFIX.length + UUID_BYTES + 2 + 2 + 1;

export interface IBeacon {
  /** 32 lower-case hex digits. */
  readonly uuid: string;
  /** Numbers 0…65535. */
  readonly major: number;
  readonly minor: number;
  /** Signal strength at 1 m, dBm. */
  readonly powerDbm: number;
}

/**
 * Returns `undefined` if the data is not an iBeacon.
 * @param data manufacturer data, company identifier first
 */
export function parseIBeacon(data: Uint8Array): IBeacon | undefined {
  if (data.length < BYTES || PREFIX.some((byte, at) => data[at] !== byte)) return undefined;
  const view = new DataView(data.buffer, data.byteOffset + PREFIX.length + UUID_BYTES);
  return {
    uuid: bytesToHex(data.subarray(PREFIX.length, PREFIX.length + UUID_BYTES)),
    major: view.getUint16(0),
    minor: view.getUint16(2),
    powerDbm: view.getInt8(4),
  };
}

/**
 * Returns the manufacturer data, company identifier first.
 * @throws RangeError if the UUID is not 32 hex digits.
 */
export function composeIBeacon(beacon: IBeacon): Uint8Array {
  const uuid = hexToBytes(beacon.uuid);
  if (uuid?.length !== UUID_BYTES) throw new RangeError('the UUID of an iBeacon has 32 hex digits');
  const data = new Uint8Array(BYTES);
  data.set(PREFIX);
  data.set(uuid, PREFIX.length);
  const view = new DataView(data.buffer, PREFIX.length + UUID_BYTES);
  view.setUint16(0, beacon.major);
  view.setUint16(2, beacon.minor);
  view.setInt8(4, beacon.powerDbm);
  return data;
}
