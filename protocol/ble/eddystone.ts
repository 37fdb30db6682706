import { bytesToHex, hexToBytes } from '../bytes.ts';

/** 16-bit service UUID of Eddystone's service data. */
export const EDDYSTONE_UUID = 0xfeaa;

const UID_FRAME = 0x00;
const NAMESPACE_BYTES = 10;
const INSTANCE_BYTES = 6;
const HEAD_BYTES = 2;
const BYTES = HEAD_BYTES + NAMESPACE_BYTES + INSTANCE_BYTES;
/** Two reserved bytes of 0. Some senders leave them out. */
const TAIL_BYTES = 2;

/** Eddystone-UID (github.com/google/eddystone, eddystone-uid). */
export interface EddystoneUid {
  /** 20 lower-case hex digits. */
  readonly namespace: string;
  /** 12 lower-case hex digits. */
  readonly instance: string;
  /** Signal strength at 0 m, dBm. */
  readonly powerDbm: number;
}

/**
 * Returns `undefined` if the data is not a UID frame.
 * @param data service data after the UUID
 */
export function parseEddystoneUid(data: Uint8Array): EddystoneUid | undefined {
  if (data.length < BYTES || data[0] !== UID_FRAME) return undefined;
  return {
    namespace: bytesToHex(data.subarray(HEAD_BYTES, HEAD_BYTES + NAMESPACE_BYTES)),
    instance: bytesToHex(data.subarray(HEAD_BYTES + NAMESPACE_BYTES, BYTES)),
    powerDbm: ((data[1] ?? 0) << 24) >> 24,
  };
}

/**
 * Returns the service data after the UUID.
 * @throws RangeError if namespace or instance are not hex digits of the right length.
 */
export function composeEddystoneUid(uid: EddystoneUid): Uint8Array {
  const namespace = hexToBytes(uid.namespace);
  const instance = hexToBytes(uid.instance);
  if (namespace?.length !== NAMESPACE_BYTES || instance?.length !== INSTANCE_BYTES) {
    throw new RangeError('Eddystone-UID has a namespace of 20 hex digits and an instance of 12');
  }
  const data = new Uint8Array(BYTES + TAIL_BYTES);
  data[0] = UID_FRAME;
  data[1] = uid.powerDbm & 0xff;
  data.set(namespace, HEAD_BYTES);
  data.set(instance, HEAD_BYTES + NAMESPACE_BYTES);
  return data;
}
