import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { receiverAesCbc } from '../../../device-sim/receiver/aes-cbc.ts';
import { opensslSealer } from '../../../gateway/paths/dc09/openssl-sealer.ts';
import { bytesToAscii } from '../../../protocol/bytes.ts';

const blocks = fc
  .integer({ min: 1, max: 40 })
  .chain((count) => fc.uint8Array({ minLength: 16 * count, maxLength: 16 * count }));
const step = fc.record({ isSealed: fc.boolean(), bytes: blocks });

describe.each([16, 24, 32])('the ciphers that the gateway keeps, with a %i-byte key', (size) => {
  test('do what a new cipher does for each message, whatever went before, sound or not', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const key = randomBytes(size);
        const { aes } = opensslSealer(key);
        const fresh = receiverAesCbc(key);
        for (const { isSealed, bytes } of steps) {
          const expected = isSealed ? fresh.encrypt(bytes.slice()) : fresh.decrypt(bytes.slice());
          const actual = isSealed ? aes.encrypt(bytes.slice()) : aes.decrypt(bytes.slice());
          expect(Buffer.from(actual)).toEqual(expected);
        }
      }),
    );
  });

  test('refuse a part of a block, which would damage the next message, and go on', () => {
    const key = randomBytes(size);
    const { aes } = opensslSealer(key);
    const plain = randomBytes(32);
    for (const length of [0, 1, 15, 17, 31]) {
      expect(() => aes.encrypt(new Uint8Array(length))).toThrow(RangeError);
      expect(() => aes.decrypt(new Uint8Array(length))).toThrow(RangeError);
    }
    const sealed = aes.encrypt(plain.slice());
    expect(sealed).toEqual(receiverAesCbc(key).encrypt(plain));
    expect(aes.decrypt(sealed)).toEqual(plain);
  });
});

test('a pad is drawn anew each time, also when the random bytes drawn at once are used up', () => {
  const { pad } = opensslSealer(randomBytes(16));
  const pads = Array.from({ length: 500 }, () => bytesToAscii(pad(16)));
  expect(new Set(pads).size).toBe(pads.length);
  for (const each of pads) expect(each).toMatch(/^[A-Za-z0-9+-]{16}$/);
});
