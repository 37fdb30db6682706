import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { BthomeCcm } from '../../protocol/ble/bthome-encryption.ts';

const TAG_BYTES = 4;
const OPTIONS = { authTagLength: TAG_BYTES };

/** AES-128-CCM with BTHome's short tag, built on `node:crypto`, for the simulated tags. */
export const nodeBthomeCcm: BthomeCcm = {
  seal(key, nonce, plaintext) {
    const cipher = createCipheriv('aes-128-ccm', key, nonce, OPTIONS);
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    return Buffer.concat([ciphertext, cipher.getAuthTag()]);
  },

  open(key, nonce, sealed) {
    if (sealed.length < TAG_BYTES) return undefined;
    const length = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-128-ccm', key, nonce, OPTIONS);
    decipher.setAuthTag(sealed.subarray(length));
    try {
      const plaintext = decipher.update(sealed.subarray(0, length));
      decipher.final();
      return plaintext;
    } catch {
      // OpenSSL throws if the message is not authentic.
      return undefined;
    }
  },
};
