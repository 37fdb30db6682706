import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  asciiToBytes,
  bytesToAscii,
  bytesToHex,
  hex4At,
  hexToBytes,
  putAscii,
  putHex,
  putHex4,
} from '../../protocol/bytes.ts';

const someBytes = fc.uint8Array({ maxLength: 3_000, size: 'max' });
const hexLike = fc.stringMatching(/^[0-9a-fA-Fg`@:/]*$/);

test('text of bytes, and bytes of text, are what the platform makes of Latin-1', () => {
  fc.assert(
    fc.property(someBytes, fc.nat(3_000), fc.nat(3_000), (bytes, start, end) => {
      const stop = Math.min(end, bytes.length);
      expect(bytesToAscii(bytes)).toBe(Buffer.from(bytes).toString('latin1'));
      expect(bytesToAscii(bytes, start, stop)).toBe(
        Buffer.from(bytes.subarray(start, Math.max(start, stop))).toString('latin1'),
      );
      expect(asciiToBytes(bytesToAscii(bytes))).toEqual(bytes);
    }),
  );
});

test('hex is what the platform writes and reads, and anything else is refused', () => {
  fc.assert(
    fc.property(someBytes, (bytes) => {
      const hex = Buffer.from(bytes).toString('hex');
      expect(bytesToHex(bytes)).toBe(hex);
      expect(hexToBytes(hex.toUpperCase())).toEqual(bytes);
    }),
  );
  fc.assert(
    fc.property(fc.oneof(hexLike, fc.string({ unit: 'binary' })), (text) => {
      const isHex = /^(?:[0-9a-fA-F]{2})*$/.test(text);
      expect(hexToBytes(text)).toEqual(isHex ? Uint8Array.from(Buffer.from(text, 'hex')) : undefined);
    }),
  );
});

test('what is written in place stands there and nowhere else', () => {
  const out = new Uint8Array(12).fill(0x2e);
  expect(putAscii(out, 1, 'ab')).toBe(3);
  expect(putHex(out, 4, Uint8Array.of(0x0f, 0xa5))).toBe(8);
  putHex4(out, 8, 0xbeef);
  expect(bytesToAscii(out)).toBe('.ab.0FA5BEEF');
  expect(hex4At(out, 8)).toBe(0xbeef);
  expect(hex4At(asciiToBytes('00fF'), 0)).toBe(0xff);
});

test('four digits are read only where there are four', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, maxLength: 4, unit: 'binary-ascii' }), (text) => {
      const isHex = /^[0-9a-fA-F]{4}$/.test(text);
      expect(hex4At(asciiToBytes(text), 0)).toBe(isHex ? Number.parseInt(text, 16) : undefined);
    }),
  );
  expect(hex4At(asciiToBytes('123'), 0)).toBeUndefined();
});
