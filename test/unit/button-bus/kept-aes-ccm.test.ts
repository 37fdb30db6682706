import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeAesCcm } from '../../../device-sim/nodes/node-aes-ccm.ts';
import { KeptAesCcm } from '../../../gateway/inputs/button-bus/kept-aes-ccm.ts';

const KEYS = [randomBytes(16), randomBytes(16), randomBytes(16)];

/**
 * What a wire brings: a sealed text of any size, as it was sealed or with some of its bits changed.
 */
const received = fc.record({
  by: fc.nat(KEYS.length - 1),
  underKey: fc.nat(KEYS.length - 1),
  nonce: fc.uint8Array({ minLength: 13, maxLength: 13 }),
  aad: fc.uint8Array({ maxLength: 60, size: 'max' }),
  text: fc.uint8Array({ maxLength: 140, size: 'max' }),
  damage: fc.option(fc.record({ in: fc.constantFrom('nonce', 'aad', 'sealed'), at: fc.nat(), bit: fc.nat(7) })),
  cut: fc.option(fc.nat(20)),
});

test('one whose ciphers are kept does what node:crypto does with each frame, whatever came before', () => {
  const kept = new KeptAesCcm();
  fc.assert(
    fc.property(fc.array(received, { minLength: 1, maxLength: 8 }), (frames) => {
      for (const { by, underKey, nonce, aad, text, damage, cut } of frames) {
        const [sender, opener] = [KEYS[by] ?? new Uint8Array(), KEYS[underKey] ?? new Uint8Array()];
        const sealed = nodeAesCcm.seal(sender, nonce, aad, text);
        expect(Buffer.from(kept.seal(sender, nonce, aad, text))).toEqual(Buffer.from(sealed));
        const parts = { nonce: nonce.slice(), aad: aad.slice(), sealed: Uint8Array.from(sealed) };
        if (damage !== null) {
          const bytes = parts[damage.in];
          bytes[damage.at % bytes.length] = (bytes[damage.at % bytes.length] ?? 0) ^ (1 << damage.bit);
        }
        if (cut !== null) parts.sealed = parts.sealed.subarray(0, Math.max(0, parts.sealed.length - cut));
        const expected = nodeAesCcm.open(opener, parts.nonce, parts.aad, parts.sealed);
        const opened = kept.open(opener, parts.nonce, parts.aad, parts.sealed);
        expect(opened && Buffer.from(opened)).toEqual(expected);
        if (by === underKey && damage === null && (cut ?? 0) === 0) expect(opened).toEqual(text);
      }
    }),
  );
});

test('no bit of a frame can be changed, and the next frame opens', () => {
  const kept = new KeptAesCcm();
  const [key = new Uint8Array()] = KEYS;
  const nonce = randomBytes(13);
  const aad = randomBytes(11);
  const text = Uint8Array.of(3, 1);
  const sealed = kept.seal(key, nonce, aad, text);
  for (let bit = 0; bit < 8 * sealed.length; bit++) {
    const forged = sealed.slice();
    forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(kept.open(key, nonce, aad, forged)).toBeUndefined();
    expect(kept.open(key, nonce, aad, sealed)).toEqual(text);
  }
});

test('a text that is returned stays as it is when the next frame comes', () => {
  const kept = new KeptAesCcm();
  const [key = new Uint8Array()] = KEYS;
  const nonce = randomBytes(13);
  const sealed = [1, 2].map((button) => kept.seal(key, nonce, randomBytes(0), Uint8Array.of(button)));
  const opened = sealed.map((each) => kept.open(key, nonce, randomBytes(0), each));
  expect(opened).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
});

test('a nonce of another length is refused, and so is a text or data that its length field cannot hold', () => {
  const kept = new KeptAesCcm();
  const [key = new Uint8Array()] = KEYS;
  const [nonce, nothing] = [new Uint8Array(13), new Uint8Array()];
  expect(() => kept.seal(key, new Uint8Array(12), nothing, nothing)).toThrow(RangeError);
  expect(() => kept.open(key, nonce, nothing, new Uint8Array(0x1_0008))).toThrow(RangeError);
  expect(() => kept.seal(key, nonce, new Uint8Array(0xff00), nothing)).toThrow(RangeError);
  expect(kept.open(key, nonce, nothing, new Uint8Array(7))).toBeUndefined();
});
