import { expect, test } from 'vitest';
import { asciiToBytes, concatBytes } from '../../protocol/bytes.ts';
import { crc16Arc, crc16Genibus } from '../../protocol/crc16.ts';

const check = asciiToBytes('123456789');

test('CRC-16/ARC gives the catalogue check value', () => {
  expect(crc16Arc(check)).toBe(0xbb3d);
});

test('CRC-16/GENIBUS gives the catalogue check value', () => {
  expect(crc16Genibus(check)).toBe(0xd64e);
});

test('a CRC over a span ignores what stands outside it', () => {
  expect(crc16Arc(asciiToBytes('x123456789y'), 1, 10)).toBe(0xbb3d);
});

test('CRC-16/GENIBUS over a message with its CRC is E2F0, and no longer so with zeros appended', () => {
  const sent = concatBytes(check, Uint8Array.of(0xd6, 0x4e));
  expect(crc16Genibus(sent)).toBe(0xe2f0);
  for (let zeros = 1; zeros < 64; zeros++) {
    expect(crc16Genibus(concatBytes(sent, new Uint8Array(zeros)))).not.toBe(0xe2f0);
  }
});
