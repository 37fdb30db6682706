import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { AesCbc } from '../../../protocol/dc09/sealer.ts';

/** AES-CBC by OpenSSL; DC-09 does its own padding. */
export const opensslAesCbc: AesCbc = {
  encrypt(key, iv, data) {
    const cipher = createCipheriv(algorithm(key), key, iv).setAutoPadding(false);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  },
  decrypt(key, iv, data) {
    const decipher = createDecipheriv(algorithm(key), key, iv).setAutoPadding(false);
    return Buffer.concat([decipher.update(data), decipher.final()]);
  },
};

function algorithm(key: Uint8Array): string {
  return `aes-${key.length * 8}-cbc`;
}
