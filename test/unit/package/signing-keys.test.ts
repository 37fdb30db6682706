import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTrustedKeys } from '../../../gateway/update/trusted-keys.ts';
import { readSigningKey, writeNewKey } from '../../../hardware/package/signing-keys.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-keys-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a new key is for its owner alone, and a gateway trusts its public key and not the private one', () => {
  const file = join(directory, 'release.pem');
  const publicFile = writeNewKey(file);
  expect(publicFile).toBe(join(directory, 'release-public.pem'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { keys, faults } = readTrustedKeys(directory);
  expect(keys.map(({ name }) => name)).toEqual(['release-public.pem']);
  expect(faults).toEqual([`${file} is a private key: take it off this machine, and put the public key here`]);
  expect(keys[0]?.key.equals(createPublicKey(readSigningKey(file)))).toBe(true);
});

test('a key that exists is never overwritten', () => {
  const file = join(directory, 'release.pem');
  const publicFile = writeNewKey(file);
  const before = readFileSync(file, 'utf8');
  expect(() => writeNewKey(file)).toThrow(`${file} exists already`);
  rmSync(file);
  expect(() => writeNewKey(file)).toThrow(`${publicFile} exists already`);
  writeFileSync(file, before);
  expect(createPublicKey(before).equals(createPublicKey(readFileSync(publicFile)))).toBe(true);
});

test('a key that others can read, of another kind or of no kind signs nothing', () => {
  const file = join(directory, 'release.pem');
  writeNewKey(file);
  chmodSync(file, 0o640);
  expect(() => readSigningKey(file)).toThrow(`chmod 600 ${file}`);
  const other = join(directory, 'other.pem');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(other, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  expect(() => readSigningKey(other)).toThrow('is no Ed25519 key');
  writeFileSync(other, 'nothing');
  expect(() => readSigningKey(other)).toThrow('is no private key without a passphrase');
});
