import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBytes, addressText } from '../../../protocol/ble/address.ts';
import { composeAdvertisingData, parseAdvertisingData } from '../../../protocol/ble/advertising-data.ts';
import { composeEddystoneUid, parseEddystoneUid } from '../../../protocol/ble/eddystone.ts';
import { composeIBeacon, parseIBeacon } from '../../../protocol/ble/i-beacon.ts';
import { bytesToHex, hexToBytes } from '../../../protocol/bytes.ts';

const hexOf = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(bytesToHex);
const word = fc.integer({ min: 0, max: 0xffff });
const power = fc.integer({ min: -128, max: 127 });

describe('fobs', () => {
  it('an iBeacon is company, type, UUID, major, minor, power', () => {
    const uuid = 'f7826da64fa24e988024bc5b71e0893e';
    const data = composeIBeacon({ uuid, major: 1, minor: 0x0203, powerDbm: -59 });
    expect(bytesToHex(data)).toBe(`4c000215${uuid}00010203c5`);
  });

  it('an Eddystone-UID is type, power, namespace, instance', () => {
    const uid = { namespace: '00112233445566778899', instance: 'aabbccddeeff', powerDbm: -20 };
    expect(bytesToHex(composeEddystoneUid(uid))).toBe('00ec00112233445566778899aabbccddeeff0000');
    // Some senders leave the two reserved bytes out.
    expect(parseEddystoneUid(composeEddystoneUid(uid).subarray(0, 18))).toEqual(uid);
  });

  it('what is composed is read again', () => {
    fc.assert(
      fc.property(hexOf(16), word, word, power, (uuid, major, minor, powerDbm) => {
        const beacon = { uuid, major, minor, powerDbm };
        expect(parseIBeacon(composeIBeacon(beacon))).toEqual(beacon);
      }),
    );
    fc.assert(
      fc.property(hexOf(10), hexOf(6), power, (namespace, instance, powerDbm) => {
        const uid = { namespace, instance, powerDbm };
        expect(parseEddystoneUid(composeEddystoneUid(uid))).toEqual(uid);
      }),
    );
  });

  it('any bytes are read without harm; other companies and frame types are neither', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
        parseIBeacon(data);
        parseEddystoneUid(data);
      }),
    );
    expect(parseIBeacon(hexToBytes(`4c001005${'00'.repeat(21)}`) ?? new Uint8Array())).toBeUndefined();
    expect(parseEddystoneUid(hexToBytes(`20${'00'.repeat(19)}`) ?? new Uint8Array())).toBeUndefined();
  });
});

describe('advertising data', () => {
  const structure = fc.record({ type: fc.integer({ min: 1, max: 255 }), value: fc.uint8Array({ maxLength: 8 }) });

  it('what is composed is read again, and no more fits than the air carries', () => {
    fc.assert(
      fc.property(fc.array(structure, { maxLength: 3 }), (structures) => {
        expect(parseAdvertisingData(composeAdvertisingData(structures))).toEqual(structures);
      }),
    );
    expect(() => composeAdvertisingData([{ type: 1, value: new Uint8Array(30) }])).toThrow(RangeError);
  });

  it('any bytes are read without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
        for (const { value } of parseAdvertisingData(data)) expect(value.length).toBeLessThan(data.length);
      }),
    );
  });
});

it('addresses are read in either case and written in capitals', () => {
  expect(addressText(addressBytes('54:48:e6:8F:80:a5') ?? new Uint8Array())).toBe('54:48:E6:8F:80:A5');
  for (const wrong of ['', '54:48:E6:8F:80', '54:48:E6:8F:80:A5:00', '5448E68F80A5', '54:48:E6:8F:80:GG']) {
    expect(addressBytes(wrong)).toBeUndefined();
  }
});
