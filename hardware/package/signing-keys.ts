import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../protocol/errors.ts';

const READABLE_BY_OTHERS = 0o077;

/**
 * Makes an Ed25519 key to sign releases with, and its public key beside it: `release.pem` and
 * `release-public.pem`.
 *
 * @returns the file of the public key
 * @throws Error if one of the files exists: a key that is overwritten is lost
 */
export function writeNewKey(file: string): string {
  const publicFile = `${file.replace(/\.pem$/, '')}-public.pem`;
  for (const each of [file, publicFile]) {
    if (existsSync(each)) throw new Error(`${each} exists already, and no key is overwritten`);
  }
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  writeFileSync(publicFile, publicKey.export({ type: 'spki', format: 'pem' }), { mode: 0o644, flag: 'wx' });
  return publicFile;
}

/** @throws Error if it is no Ed25519 key, or if others than its owner can read it */
export function readSigningKey(file: string): KeyObject {
  if ((statSync(file).mode & READABLE_BY_OTHERS) !== 0) {
    throw new Error(`${file} can be read by other users: chmod 600 ${file}`);
  }
  const key = privateKeyOf(file);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${file} is no Ed25519 key: make one with --new-key`);
  return key;
}

function privateKeyOf(file: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(file));
  } catch (error) {
    throw new Error(`${file} is no private key without a passphrase: ${messageOf(error)}`);
  }
}
