import { expect, test } from 'vitest';
import { asciiToBytes } from '../../protocol/bytes.ts';
import { crc16Arc, crc16Ccitt } from '../../protocol/crc16.ts';

const check = asciiToBytes('123456789');

test('CRC-16/ARC gives the catalogue check value', () => {
  expect(crc16Arc(check)).toBe(0xbb3d);
});

test('CRC-16/IBM-3740 gives the catalogue check value', () => {
  expect(crc16Ccitt(check)).toBe(0x29b1);
});

test('a CRC over a span ignores what stands outside it', () => {
  expect(crc16Arc(asciiToBytes('x123456789y'), 1, 10)).toBe(0xbb3d);
});
