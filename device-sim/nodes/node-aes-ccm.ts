import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { AesCcm } from '../../protocol/button-bus/aes-ccm.ts';

const TAG_BYTES = 8;

/** AES-128-CCM built on `node:crypto`, for the simulated nodes. */
export const nodeAesCcm: AesCcm = {
  seal(key, nonce, aad, plaintext) {
    const cipher = createCipheriv('aes-128-ccm', key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(aad, { plaintextLength: plaintext.length });
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    return Buffer.concat([ciphertext, cipher.getAuthTag()]);
  },

  open(key, nonce, aad, sealed) {
    if (sealed.length < TAG_BYTES) return undefined;
    const length = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-128-ccm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(length));
    decipher.setAAD(aad, { plaintextLength: length });
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
