import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeBthomeCcm as simulatorCcm } from '../../device-sim/ble/node-bthome-ccm.ts';
import { nodeBthomeCcm } from '../../gateway/inputs/ble/node-bthome-ccm.ts';
import { addressBytes } from '../../protocol/ble/address.ts';
import { composeAdvertisingData, GENERAL_DISCOVERABLE, serviceData } from '../../protocol/ble/advertising-data.ts';
import {
  BTHOME_UUID,
  composeObjects,
  composePlain,
  parseBthomeFrame,
  parseObjects,
} from '../../protocol/ble/bthome.ts';
import { openBthome, sealBthome } from '../../protocol/ble/bthome-encryption.ts';
import { bytesToHex, hexToBytes } from '../../protocol/bytes.ts';

const bytes = (hex: string) => hexToBytes(hex.replaceAll(' ', '')) ?? expect.fail(`${hex} is no hex`);
const frameOf = (data: Uint8Array) => parseBthomeFrame(data) ?? expect.fail('not BTHome v2');

/**
 * The example key and address of the BTHome specification; the first two are test vectors of
 * bthome-ble as well.
 */
const KEY = bytes('231d39c1d7cc1ab1aee224cd096db932');
const ADDRESS = addressBytes('54:48:E6:8F:80:A5') ?? expect.fail('no address');
const SEALED = [
  { objects: '02ca0903bf13', counter: 0x33221100, trigger: false, wire: '41 a47266c95f73 00112233 78237214' },
  { objects: '2101', counter: 0x33221100, trigger: false, wire: '41 87b9 00112233 72b0231f' },
  { objects: '01643a01', counter: 0x2a, trigger: true, wire: undefined },
];

describe('encrypted BTHome v2', () => {
  it.each(SEALED.filter(({ wire }) => wire !== undefined))(
    '$objects is sealed as $wire, and opened again',
    (vector) => {
      const { counter, trigger, wire = '' } = vector;
      const objects = bytes(vector.objects);
      const sealed = sealBthome(simulatorCcm, KEY, ADDRESS, trigger, { counter, objects });
      expect(bytesToHex(sealed)).toBe(wire.replaceAll(' ', ''));
      const opened = openBthome(nodeBthomeCcm, KEY, ADDRESS, frameOf(bytes(wire)));
      expect(opened?.counter).toBe(counter);
      expect(bytesToHex(opened?.objects ?? KEY)).toBe(vector.objects);
    },
  );

  it('a trigger-based button of counter 42 reads 45 dade9f54c487 2a000000 c423640d', () => {
    const data = bytes('45 dade9f54c487 2a000000 c423640d');
    const opened = openBthome(nodeBthomeCcm, KEY, ADDRESS, frameOf(data));
    expect(opened?.counter).toBe(42);
    expect(parseObjects(opened?.objects ?? KEY)).toMatchObject({ buttons: ['single'], complete: true });
    const sealed = sealBthome(simulatorCcm, KEY, ADDRESS, true, opened ?? expect.fail('not authentic'));
    expect(bytesToHex(sealed)).toBe(bytesToHex(data));
  });

  it.each(SEALED)('no bit of a sealed $objects can be changed unnoticed, its clear parts included', (vector) => {
    const message = { counter: vector.counter, objects: bytes(vector.objects) };
    const sealed = sealBthome(simulatorCcm, KEY, ADDRESS, vector.trigger, message);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Uint8Array.from(sealed);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const frame = parseBthomeFrame(flipped);
      // Another version, or not encrypted any more: refused as what it says it is.
      if (frame === undefined || !frame.encrypted) continue;
      expect(openBthome(nodeBthomeCcm, KEY, ADDRESS, frame), `bit ${bit}`).toBeUndefined();
    }
  });

  it('opens under no other key or address, and not when it was cut', () => {
    const sealed = sealBthome(simulatorCcm, KEY, ADDRESS, true, { counter: 1, objects: bytes('013c3a01') });
    expect(
      openBthome(
        nodeBthomeCcm,
        KEY.map((byte) => byte ^ 1),
        ADDRESS,
        frameOf(sealed),
      ),
    ).toBeUndefined();
    expect(
      openBthome(
        nodeBthomeCcm,
        KEY,
        ADDRESS.map((byte) => byte ^ 1),
        frameOf(sealed),
      ),
    ).toBeUndefined();
    for (let length = 1; length < sealed.length; length++) {
      expect(openBthome(nodeBthomeCcm, KEY, ADDRESS, frameOf(sealed.subarray(0, length)))).toBeUndefined();
    }
  });

  it('an address within the data takes the place of the radio address in the nonce', () => {
    const objects = bytes('3a01');
    const other = addressBytes('01:02:03:04:05:06') ?? expect.fail('no address');
    const plain = sealBthome(simulatorCcm, KEY, other, false, { counter: 9, objects });
    // Bit 1 of info is part of the nonce: sealed by hand with it.
    const nonce = Uint8Array.from([...other, 0xd2, 0xfc, 0x43, 9, 0, 0, 0]);
    const sealed = simulatorCcm.seal(KEY, nonce, objects);
    const data = Uint8Array.from([
      0x43,
      ...[...other].reverse(),
      ...sealed.subarray(0, 2),
      9,
      0,
      0,
      0,
      ...sealed.subarray(2),
    ]);
    expect(openBthome(nodeBthomeCcm, KEY, ADDRESS, frameOf(data))).toEqual({
      counter: 9,
      objects: Buffer.from(objects),
    });
    expect(plain).not.toEqual(data);
  });

  it('whatever is sealed opens as it was', () => {
    const key = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const address = fc.uint8Array({ minLength: 6, maxLength: 6 });
    const objects = fc.uint8Array({ maxLength: 15 });
    const counter = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(
      fc.property(key, address, fc.boolean(), counter, objects, (k, a, trigger, c, o) => {
        const sealed = sealBthome(simulatorCcm, k, a, trigger, { counter: c, objects: o });
        const opened = openBthome(nodeBthomeCcm, k, a, frameOf(sealed));
        expect(opened && { ...opened, objects: [...opened.objects] }).toEqual({ counter: c, objects: [...o] });
      }),
    );
  });
});

describe('plain BTHome v2', () => {
  it("a door sensor's packet, as a Shelly BLU Door/Window sends it", () => {
    const frame = frameOf(bytes('40 00 4e 01 64 05 000000 2d 01 3f 0000'));
    expect(frame).toMatchObject({ encrypted: false, triggerBased: false });
    expect(parseObjects(frame.body)).toEqual({
      packetId: 0x4e,
      batteryPercent: 100,
      buttons: [],
      openings: [true],
      locks: [],
      tampers: [],
      complete: true,
    });
  });

  it('a button press, both ways and as a whole advertisement', () => {
    const data = composePlain(true, composeObjects({ packetId: 0x2a, batteryPercent: 100, buttons: ['single'] }));
    expect(bytesToHex(data)).toBe('44002a01643a01');
    expect(frameOf(data).triggerBased).toBe(true);
    expect(parseObjects(frameOf(data).body)).toMatchObject({ packetId: 0x2a, buttons: ['single'] });
    const whole = composeAdvertisingData([GENERAL_DISCOVERABLE, serviceData(BTHOME_UUID, data)]);
    expect(bytesToHex(whole)).toBe('0201060a16d2fc44002a01643a01');
  });

  it.each([
    ['01', 'single'],
    ['02', 'double'],
    ['03', 'triple'],
    ['04', 'long'],
    ['05', 'longDouble'],
    ['06', 'longTriple'],
    ['80', 'hold'],
    ['fe', 'hold'],
    ['00', undefined],
    // Not published: used, somehow.
    ['7f', 'single'],
  ])('button event %s is %s', (hex, pattern) => {
    expect(parseObjects(bytes(`3a${hex}`)).buttons).toEqual([pattern]);
  });

  it('buttons count by their place: the third of four', () => {
    expect(parseObjects(bytes('00 01 3a 00 3a 00 3a 04 3a 00')).buttons).toEqual([
      undefined,
      undefined,
      'long',
      undefined,
    ]);
  });
});
