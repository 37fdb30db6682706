import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { AesCbc } from '../../protocol/dc09/sealer.ts';

const ZERO_VECTOR = new Uint8Array(16);

/** A new cipher for each message. */
export function receiverAesCbc(key: Uint8Array): AesCbc {
  const algorithm = `aes-${key.length * 8}-cbc`;
  return {
    encrypt(plaintext) {
      const cipher = createCipheriv(algorithm, key, ZERO_VECTOR).setAutoPadding(false);
      return Buffer.concat([cipher.update(plaintext), cipher.final()]);
    },
    decrypt(ciphertext) {
      const decipher = createDecipheriv(algorithm, key, ZERO_VECTOR).setAutoPadding(false);
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    },
  };
}
