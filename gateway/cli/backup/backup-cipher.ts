import { createCipheriv, createDecipheriv, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { CallpointError } from '../../../protocol/errors.ts';
import { type CipherHeader, MAGIC, TAG_BYTES } from './backup-format.ts';

const KEY_BYTES = 32;
const CHECK_BYTES = 16;
/** 32 MiB, so that it runs beside a gateway on a small Pi; as strong as 128 MiB and `p` 1. */
const COST = { n: 2 ** 15, r: 8, p: 3 } as const;

/** What encrypts one backup. */
interface BackupKey {
  readonly header: CipherHeader;
  readonly key: Buffer;
}

/** A new key, with fresh salt and nonce. */
export async function newKey(passphrase: string): Promise<BackupKey> {
  const salt = randomBytes(16);
  const { key, check } = await derived(passphrase, { ...COST, salt });
  const nonce = randomBytes(12).toString('hex');
  const header = { cipher: 'aes-256-gcm', kdf: 'scrypt', ...COST, salt: salt.toString('hex'), nonce } as const;
  return { header: { ...header, check: check.toString('hex') }, key };
}

/** @throws CallpointError BACKUP_LOCKED if it is the wrong passphrase */
export async function keyOf(passphrase: string, header: CipherHeader): Promise<BackupKey> {
  const { key, check } = await derived(passphrase, { ...header, salt: Buffer.from(header.salt, 'hex') });
  if (timingSafeEqual(check, Buffer.from(header.check, 'hex'))) return { header, key };
  throw new CallpointError('BACKUP_LOCKED', 'This is not the passphrase of the backup. Try again.');
}

/** Without a difference between the ways in which keyboards write é (RFC 8265 §4). */
function derived(
  passphrase: string,
  { n: N, r, p, salt }: { readonly n: number; readonly r: number; readonly p: number; readonly salt: Buffer },
): Promise<{ readonly key: Buffer; readonly check: Buffer }> {
  const options = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES + CHECK_BYTES, options, (error, bytes) => {
      if (error !== null) reject(error);
      else resolve({ key: bytes.subarray(0, KEY_BYTES), check: bytes.subarray(KEY_BYTES) });
    });
  });
}

/** What stands before the encrypted bytes. */
function headerText(header: CipherHeader): string {
  return `${MAGIC}${JSON.stringify(header)}\n`;
}

/** Encrypts, with the header in front and the tag behind. */
export function encryption({ header, key }: BackupKey): Transform {
  const before = Buffer.from(headerText(header));
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.from(header.nonce, 'hex'), { authTagLength: TAG_BYTES });
  cipher.setAAD(before);
  let isBegun = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      if (!isBegun) this.push(before);
      isBegun = true;
      done(null, cipher.update(chunk));
    },
    flush(done: TransformCallback) {
      this.push(cipher.final());
      done(null, cipher.getAuthTag());
    },
  });
}

/**
 * Decrypts what stands between the header and the tag. It fails at the end if one bit was changed:
 * until then nothing of it is trusted.
 *
 * @param before the header as it stands in the file
 */
export function decryption({ header, key }: BackupKey, before: Buffer, tag: Buffer): Transform {
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(header.nonce, 'hex'), { authTagLength: TAG_BYTES });
  decipher.setAAD(before);
  decipher.setAuthTag(tag);
  return decipher;
}
