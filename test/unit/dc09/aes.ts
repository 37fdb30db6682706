import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { AesCbc, Sealer } from '../../../protocol/dc09/sealer.ts';

export const nodeAes: AesCbc = {
  encrypt(key, iv, data) {
    const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  },
  decrypt(key, iv, data) {
    const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
    return Buffer.concat([decipher.update(data), decipher.final()]);
  },
};

/** A sealer whose pad is the given bytes; fails if another number of bytes is asked for. */
export function sealerWithPad(key: Uint8Array, pad: Uint8Array): Sealer {
  return {
    aes: nodeAes,
    key,
    pad: (count) => {
      if (count !== pad.length) throw new Error(`pad of ${count} asked for, ${pad.length} given`);
      return pad;
    },
  };
}
