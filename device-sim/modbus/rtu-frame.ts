import { crc16Modbus } from '../../protocol/crc16.ts';

/** Appends the CRC, low byte first, to address, function and data. */
export function sealRtu(address: number, pdu: Uint8Array): Uint8Array {
  const frame = new Uint8Array(pdu.length + 3);
  frame[0] = address;
  frame.set(pdu, 1);
  const crc = crc16Modbus(frame.subarray(0, -2));
  frame[frame.length - 2] = crc & 0xff;
  frame[frame.length - 1] = crc >>> 8;
  return frame;
}

/** A frame including its CRC has the remainder 0. */
export function isIntact(frame: Uint8Array): boolean {
  return frame.length >= 4 && crc16Modbus(frame) === 0;
}

/**
 * Returns the length of the request that begins with these bytes; `undefined` while it is still
 * unknown.
 */
export function requestBytes(begin: Uint8Array): number | undefined {
  const code = begin[1];
  if (code === undefined) return undefined;
  if (code !== 0x0f && code !== 0x10) return 8;
  const dataBytes = begin[6];
  return dataBytes === undefined ? undefined : 9 + dataBytes;
}
