/**
 * Returns a CRC-16 of `bytes[start…end)`, 0…0xFFFF. These are the variants of this project's links,
 * with names and check values from the public CRC catalogues.
 */
type Crc16 = (bytes: Uint8Array, start?: number, end?: number) => number;

/** CRC-16/ARC of DC-09: poly 0x8005 reflected, init 0. Check("123456789") = BB3D. */
export const crc16Arc: Crc16 = reflected(0xa001, 0x0000);

/** CRC-16/MODBUS of Modbus RTU: poly 0x8005 reflected, init 0xFFFF. Check("123456789") = 4B37. */
export const crc16Modbus: Crc16 = reflected(0xa001, 0xffff);

/**
 * CRC-16/GENIBUS of the button bus: poly 0x1021, init 0xFFFF, xorout 0xFFFF. Check("123456789") =
 * D64E. The result is inverted, so zeros appended to a message with its CRC are detected.
 */
export const crc16Genibus: Crc16 = forward(0x1021, 0xffff, 0xffff);

function reflected(polynomial: number, init: number): Crc16 {
  const table = Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
  return (bytes, start = 0, end = bytes.length) => {
    let crc = init;
    for (let i = start; i < end; i++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
    return crc;
  };
}

function forward(polynomial: number, init: number, xorOut: number): Crc16 {
  const table = Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ polynomial : crc << 1;
    return crc;
  });
  return (bytes, start = 0, end = bytes.length) => {
    let crc = init;
    for (let i = start; i < end; i++)
      crc = ((crc << 8) & 0xffff) ^ (table[((crc >>> 8) ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
    return crc ^ xorOut;
  };
}
