import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { AesCbc } from '../../protocol/dc09/sealer.ts';

export const receiverAesCbc: AesCbc = {
  encrypt(key, iv, data) {
    const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  },
  decrypt(key, iv, data) {
    const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
    return Buffer.concat([decipher.update(data), decipher.final()]);
  },
};
