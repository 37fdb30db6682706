import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addressKind } from '../../../gateway/config/fields/address.ts';
import { weakness } from '../../../gateway/config/keys/key-strength.ts';
import { nearest } from '../../../gateway/config/read/nearest.ts';
import { siteJsonSchema } from '../../../gateway/config/schema/json-schema.ts';
import { hexToBytes } from '../../../protocol/bytes.ts';

test("the editors' schema in the repository is the one the gateway checks with", () => {
  const file = new URL('../../../gateway/config/schema/callpoint.schema.json', import.meta.url);
  // Renew it with: npm run schema
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(siteJsonSchema());
});

test('the nearest word is found across a swap, a loss, a doubling and a change of case', () => {
  const words = ['address', 'location', 'heartbeatSeconds'];
  expect(['adress', 'adrdess', 'addresss', 'Address'].map((word) => nearest(word, words))).toEqual(
    Array(4).fill('address'),
  );
  expect(nearest('zone', words)).toBeUndefined();
  expect(nearest('heartbeat', words)).toBeUndefined();
});

test('addresses are told apart without asking DNS', () => {
  const kinds = [
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '[::1]',
    'localhost',
    '::ffff:127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    'fd00::1',
    'gw',
    'gw.local',
    '192.0.2.10',
    '2001:db8::1',
    'receiver.example.com',
    '8.8.8.8',
    '172.32.0.1',
    '0.0.0.0',
    '::',
    '2606:4700::1',
    'receiver.centre.org',
  ].map(addressKind);
  expect(kinds).toEqual([
    ...Array(6).fill('loopback'),
    ...Array(6).fill('private'),
    ...Array(3).fill('documentation'),
    ...Array(6).fill('public'),
  ]);
});

test('no random key is ever called weak', () => {
  for (let i = 0; i < 3000; i++) {
    expect(weakness(randomBytes(16), false)).toBeUndefined();
    expect(weakness(randomBytes(32), false)).toBeUndefined();
  }
});

test('keys everybody knows are called weak', () => {
  const known = [
    '00'.repeat(16),
    'ff'.repeat(16),
    '00112233445566778899aabbccddeeff',
    'ffeeddccbbaa99887766554433221100',
    '0123456789abcdef'.repeat(2),
    '0123456789abcdeffedcba9876543210',
    'deadbeef'.repeat(4),
    '2b7e151628aed2a6abf7158809cf4f3c',
    '231d39c1d7cc1ab1aee224cd096db932',
    `${'00'.repeat(15)}01`,
  ];
  for (const key of known) expect(weakness(hexToBytes(key) ?? new Uint8Array(), false), key).toBeDefined();
});
