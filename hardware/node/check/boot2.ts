/**
 * Makes a UF2 file of the RP2040's image: `tsx check/boot2.ts IMAGE.bin IMAGE.uf2`. It writes the
 * CRC-32 that the ROM demands of the first 252 bytes (RP2040 data sheet, section 2.8.1.3.1) first,
 * into the image as well.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const BOOT2_BYTES = 252;
const FLASH_START = 0x1000_0000;
const BLOCK_BYTES = 256;
const FAMILY_RP2040 = 0xe48b_ff56;

/** Polynomial 04C11DB7, start FFFFFFFF, nothing reflected or inverted. */
function bootCrc(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
}

/** https://github.com/microsoft/uf2: blocks of 512 bytes with 256 of the image each. */
function uf2(image: Uint8Array): Uint8Array {
  const count = Math.ceil(image.length / BLOCK_BYTES);
  const file = new Uint8Array(count * 512);
  for (let number = 0; number < count; number++) {
    const block = new DataView(file.buffer, number * 512, 512);
    const start = [0x0a32_4655, 0x9e5d_5157, 0x2000, FLASH_START + number * BLOCK_BYTES, BLOCK_BYTES, number, count];
    for (const [place, value] of [...start, FAMILY_RP2040].entries()) block.setUint32(place * 4, value, true);
    file.set(image.subarray(number * BLOCK_BYTES, (number + 1) * BLOCK_BYTES), number * 512 + 32);
    block.setUint32(508, 0x0ab1_6f30, true);
  }
  return file;
}

const [binary, target] = process.argv.slice(2);
if (binary !== undefined && target !== undefined) {
  const image = new Uint8Array(readFileSync(binary));
  new DataView(image.buffer).setUint32(BOOT2_BYTES, bootCrc(image.subarray(0, BOOT2_BYTES)), true);
  writeFileSync(binary, image);
  writeFileSync(target, uf2(image));
}
