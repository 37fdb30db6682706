/**
 * AES-128 in CCM mode (RFC 3610) with M = 8 tag bytes and L = 2 length bytes, hence a 13-byte
 * nonce. The caller provides it, because this pure part has no cryptography.
 */
export interface AesCcm {
  /**
   * Takes a `key` of 16 bytes and a `nonce` of 13 bytes. Returns the ciphertext (as long as
   * `plaintext`) followed by the 8-byte tag.
   */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /**
   * Decrypts. Returns `undefined` if the message is not authentic: wrong key, nonce, associated
   * data, ciphertext or tag. Never throws for bad input data.
   */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}
