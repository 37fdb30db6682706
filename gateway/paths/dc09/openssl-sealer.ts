import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { type AesCbc, createSealer, type Sealer } from '../../../protocol/dc09/sealer.ts';

const BLOCK = 16;
const POOL_BYTES = 1_024;

/**
 * Seals and opens the messages of one encrypted account, with the AES of OpenSSL.
 *
 * @param pad random bytes, valid until its next call
 */
export function opensslSealer(key: Uint8Array, pad: (count: number) => Uint8Array = randomPool()): Sealer {
  return createSealer(new OpensslAesCbc(key), pad);
}

/**
 * Keeps one cipher for each direction: making one costs more than the work on a message. It goes on
 * where the message before ended, with that message's last ciphertext block in the place of the
 * initialisation vector (NIST SP 800-38A §6.2). A cipher that shall begin anew with a zero vector
 * gets the same block added to the message's first.
 */
class OpensslAesCbc implements AesCbc {
  readonly #encryptor;
  readonly #decryptor;
  readonly #encrypted = new Uint8Array(BLOCK);
  readonly #decrypted = new Uint8Array(BLOCK);

  constructor(key: Uint8Array) {
    const algorithm = `aes-${key.length * 8}-cbc`;
    // DC-09 does its own padding.
    this.#encryptor = createCipheriv(algorithm, key, new Uint8Array(BLOCK)).setAutoPadding(false);
    this.#decryptor = createDecipheriv(algorithm, key, new Uint8Array(BLOCK)).setAutoPadding(false);
  }

  encrypt(plaintext: Uint8Array): Uint8Array {
    assertBlocks(plaintext);
    addFirst(plaintext, this.#encrypted);
    const ciphertext = this.#encryptor.update(plaintext);
    this.#encrypted.set(ciphertext.subarray(-BLOCK));
    return ciphertext;
  }

  decrypt(ciphertext: Uint8Array): Uint8Array {
    assertBlocks(ciphertext);
    const plaintext = this.#decryptor.update(ciphertext);
    addFirst(plaintext, this.#decrypted);
    this.#decrypted.set(ciphertext.subarray(-BLOCK));
    return plaintext;
  }
}

/** A part of a block would stay in the cipher, and would damage the messages after it. */
function assertBlocks(bytes: Uint8Array): void {
  if (bytes.length === 0 || bytes.length % BLOCK !== 0) throw new RangeError('AES-CBC needs whole blocks');
}

function addFirst(bytes: Uint8Array, block: Uint8Array): void {
  for (let i = 0; i < BLOCK; i++) bytes[i] = (bytes[i] ?? 0) ^ (block[i] ?? 0);
}

/**
 * Random bytes from the system, drawn many at once. What it returns is valid until its next call.
 */
function randomPool(): (count: number) => Uint8Array {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return (count) => {
    if (used + count > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    used += count;
    return pool.subarray(used - count, used);
  };
}
