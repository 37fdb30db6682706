import { expect, it } from 'vitest';
import { nodeBthomeCcm } from '../../../device-sim/ble/node-bthome-ccm.ts';
import { AdvertisementReader } from '../../../gateway/inputs/ble/advertisement-reader.ts';
import type { Heard } from '../../../gateway/inputs/ble/scanner-messages.ts';
import type { BthomeDevice } from '../../../gateway/inputs/ble/settings.ts';
import { addressBytes } from '../../../protocol/ble/address.ts';
import { sealBthome } from '../../../protocol/ble/bthome-encryption.ts';
import { composeIBeacon } from '../../../protocol/ble/i-beacon.ts';
import { bytesToHex, hexToBytes } from '../../../protocol/bytes.ts';

const ADDRESS = '54:48:E6:8F:80:A5';
const KEY = new Uint8Array(16).fill(7);
const UUID = 'f7826da64fa24e988024bc5b71e0893e';

function tag(more: Partial<BthomeDevice> = {}): BthomeDevice {
  return { format: 'bthome', device: 'tag', address: ADDRESS, lowBatteryPercent: 15, points: [], ...more };
}

function readerOf(...devices: ConstructorParameters<typeof AdvertisementReader>[0]['devices']): AdvertisementReader {
  return new AdvertisementReader({ id: 'radio', devices });
}

function heard(hex: string, more: Partial<Heard> = {}): Heard {
  return { capturedMs: 1_000, address: ADDRESS, rssiDbm: -60, kind: 'bthome', hex: hex.replaceAll(' ', ''), ...more };
}

function sealed(counter: number, objects = '3a01', key = KEY): string {
  const address = addressBytes(ADDRESS) ?? expect.fail();
  return bytesToHex(sealBthome(nodeBthomeCcm, key, address, true, { counter, objects: hexToBytes(objects) ?? KEY }));
}

it('a sealed message is proven, and carries its counter', () => {
  expect(readerOf(tag({ key: KEY })).read(heard(sealed(0xfffffffe)))).toEqual({
    type: 'signal',
    signal: {
      input: 'radio',
      device: 'tag',
      authenticated: true,
      capturedMs: 1_000,
      rssiDbm: -60,
      identity: { epoch: 0, counter: 0xfffffffe },
      body: { type: 'readings', presses: [{ button: 0, pattern: 'single' }], points: [] },
    },
  });
});

it('a plain message proves nothing; it carries its packet id, or how long it repeats', () => {
  const reader = readerOf(tag());
  const numbered = reader.read(heard('44 00 2a 3a 02'));
  expect(numbered).toMatchObject({ signal: { authenticated: false, packetId: 0x2a } });
  expect(numbered).not.toHaveProperty('signal.repeatsWithinMs');
  const unnumbered = reader.read(heard('44 3a 02'));
  expect(unnumbered).toMatchObject({ signal: { authenticated: false, repeatsWithinMs: 1_500 } });
  expect(unnumbered).not.toHaveProperty('signal.packetId');
});

it('plaintext from a device with a key is refused, and says whether it claims a press', () => {
  const reader = readerOf(tag({ key: KEY }));
  const press = { type: 'unknown', unknown: { reason: 'notEncrypted', says: 'press', address: ADDRESS } };
  expect(reader.read(heard('44 00 2a 3a 01'))).toMatchObject(press);
  expect(reader.read(heard('40 00 2b 01 64'))).toMatchObject({ unknown: { reason: 'notEncrypted', says: 'readings' } });
});

it('what a wrong key sealed is refused, and so is what a device without a key seals', () => {
  const wrong = sealed(5, '3a01', new Uint8Array(16));
  const refused = { type: 'unknown', unknown: { reason: 'notAuthentic', identity: { epoch: 0, counter: 5 } } };
  expect(readerOf(tag({ key: KEY })).read(heard(wrong))).toMatchObject(refused);
  expect(readerOf(tag()).read(heard(wrong))).toMatchObject(refused);
});

it("a stranger's press is told of, and the event that it seals; its thermometer and a sealed reading are not", () => {
  const reader = readerOf(tag());
  const address = '11:22:33:44:55:66';
  expect(reader.read(heard('44 00 01 3a 01', { address }))).toMatchObject({
    unknown: { reason: 'notEnrolled', says: 'press', address },
  });
  expect(reader.read(heard('40 00 01 02 ca09', { address }))).toEqual({ type: 'stranger' });
  expect(reader.read(heard('44 00 02 3a 00', { address }))).toEqual({ type: 'stranger' });
  const event = heard(sealed(1), { address });
  expect(reader.read(event)).toMatchObject({
    unknown: { reason: 'notEnrolled', says: 'readings', isSealedEvent: true },
  });
  // The bit of the device information that says "trigger based".
  const reading = `41${sealed(2).slice(2)}`;
  expect(reader.read(heard(reading, { address }))).toEqual({ type: 'stranger' });
});

it('points take the objects of their type in order; a tamper no point takes is the device’s own', () => {
  const points = [
    { number: 3, type: 'doorContact' },
    { number: 1, type: 'doorContact' },
    { number: 2, type: 'bolt' },
  ] as const;
  const read = readerOf(tag({ points })).read(heard('40 00 01 11 01 1a 00 1f 01 2b 01'));
  expect(read).toMatchObject({
    signal: {
      body: {
        points: [
          { point: 3, active: true },
          { point: 1, active: false },
          { point: 2, active: true },
        ],
        tamper: true,
      },
    },
  });
  const taken = readerOf(tag({ points: [{ number: 0, type: 'tamper' }] })).read(heard('40 00 01 2b 01'));
  expect(taken).toMatchObject({ signal: { body: { points: [{ point: 0, active: true }] } } });
  expect(taken).not.toHaveProperty('signal.body.tamper');
});

it.each([
  ['00 01 01 0e', { batteryPercent: 14, lowBattery: true }],
  ['00 01 01 0f', { batteryPercent: 15, lowBattery: false }],
  ['00 01 15 01', { lowBattery: true }],
  ['00 01 15 00', { lowBattery: false }],
  ['00 01 01 64 15 01', { batteryPercent: 100, lowBattery: true }],
  ['00 01 0c b80b', { batteryMv: 3_000 }],
])('battery %s reads %o', (hex, body) => {
  const read = readerOf(tag()).read(heard(`40 ${hex}`));
  expect(read).toMatchObject({ signal: { body } });
  if (!('lowBattery' in body)) expect(read).not.toHaveProperty('signal.body.lowBattery');
});

it('a packet heard over and over goes on once a second; a new one at once', () => {
  const reader = readerOf(tag());
  const types = [0, 30, 500, 999, 1_000, 1_500, 2_001].map(
    (capturedMs) => reader.read(heard('44 00 01 3a 01', { capturedMs })).type,
  );
  expect(types).toEqual(['signal', 'again', 'again', 'again', 'signal', 'again', 'signal']);
  expect(reader.read(heard('44 00 02 3a 01', { capturedMs: 2_002 })).type).toBe('signal');
});

it('what carries no number goes on every time: the core tells its repeats by their time', () => {
  const reader = readerOf(tag());
  const types = [0, 1, 2].map((capturedMs) => reader.read(heard('44 3a 01', { capturedMs })).type);
  expect(types).toEqual(['signal', 'signal', 'signal']);
});

it('what is no BTHome v2, or too short to be sealed, is malformed', () => {
  const reader = readerOf(tag({ key: KEY }));
  for (const hex of ['', '203a01', '41aabbccdd']) expect(reader.read(heard(hex))).toEqual({ type: 'malformed' });
});

it('a fob is found by rule, the one that says most first', () => {
  const match = { type: 'iBeacon', uuid: UUID } as const;
  const reader = readerOf(
    { format: 'fob', device: 'any', match, quietMs: 3_000 },
    { format: 'fob', device: 'seven', match: { ...match, major: 1, minor: 7 }, quietMs: 5_000 },
  );
  const of = (minor: number, uuid = UUID) =>
    reader.read(heard(bytesToHex(composeIBeacon({ uuid, major: 1, minor, powerDbm: 0 })), { kind: 'iBeacon' }));
  expect(of(7)).toMatchObject({
    signal: {
      device: 'seven',
      authenticated: false,
      repeatsWithinMs: 5_000,
      body: { presses: [{ button: 0, pattern: 'single' }] },
    },
  });
  expect(of(8)).toMatchObject({ signal: { device: 'any', repeatsWithinMs: 3_000 } });
  expect(of(7, UUID.replace('f', '0'))).toEqual({ type: 'stranger' });
});

it('says whose advertisement it was: a tag’s by its address, whatever it sent, a fob’s by its frame', () => {
  const fob = { format: 'fob', device: 'fob', match: { type: 'iBeacon', uuid: UUID }, quietMs: 1_000 } as const;
  const reader = readerOf(tag(), fob);
  const beacon = bytesToHex(composeIBeacon({ uuid: UUID, major: 1, minor: 2, powerDbm: -59 }));
  const other = bytesToHex(composeIBeacon({ uuid: UUID.replace('f', '0'), major: 1, minor: 2, powerDbm: -59 }));
  const deviceOf = (one: Heard) => reader.deviceOf(one, reader.read(one));
  expect(deviceOf(heard('44 00 2a 3a 02'))).toBe('tag');
  expect(deviceOf(heard('', { kind: 'presence' }))).toBe('tag');
  const elsewhere = { address: '00:00:00:00:00:01', kind: 'iBeacon' } as const;
  expect(deviceOf(heard(beacon, elsewhere))).toBe('fob');
  expect(deviceOf(heard(other, elsewhere))).toBeUndefined();
  expect(deviceOf(heard('', { ...elsewhere, kind: 'presence' }))).toBeUndefined();
});
