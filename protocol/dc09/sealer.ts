import { asciiToBytes, bytesToAscii, bytesToHex, concatBytes, hexToBytes } from '../bytes.ts';

/**
 * AES in CBC mode without padding. The key's length (16, 24 or 32 bytes) chooses AES-128, -192 or
 * -256. The caller provides it.
 */
export interface AesCbc {
  encrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  decrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
}

/**
 * The keys and functions of an encrypted account. `pad` returns `count` bytes, none of them `[`,
 * `]` or `|`.
 */
export interface Sealer {
  readonly aes: AesCbc;
  readonly key: Uint8Array;
  readonly pad: (count: number) => Uint8Array;
}

/**
 * 64 printable characters for the pad. Several receivers decode as ASCII or UTF-8 before they
 * remove the pad, so a binary pad breaks them. DC-09 §5.4 only forbids `[`, `]` and `|`.
 */
export const PAD_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-';

/**
 * @param random returns `count` random bytes. The pad is the only randomness of DC-09 encryption
 * (fixed key, zero IV).
 */
export function createSealer(aes: AesCbc, key: Uint8Array, random: (count: number) => Uint8Array): Sealer {
  const pad = (count: number) => random(count).map((byte) => PAD_ALPHABET.charCodeAt(byte % PAD_ALPHABET.length));
  return { aes, key, pad };
}

const BLOCK = 16;
const ZERO_IV = new Uint8Array(BLOCK);

/**
 * Returns the ciphertext of `pad|content` in upper-case hex. `content` is everything after the
 * opening `[`: data, closing `]`, xdata and time stamp. The pad has 1…16 bytes, and 16 if the
 * content is already aligned, as in every implementation seen.
 */
export function seal(sealer: Sealer, content: string): string {
  const tail = asciiToBytes(`|${content}`);
  const plain = concatBytes(sealer.pad(BLOCK - (tail.length % BLOCK)), tail);
  return bytesToHex(sealer.aes.encrypt(sealer.key, ZERO_IV, plain)).toUpperCase();
}

/**
 * Returns the content of a ciphertext in hex of either case, or `undefined` if it is invalid.
 * Garbage may follow the time stamp: some receivers add a PKCS7 block. A wrong key gives random
 * characters, not `undefined`: only the time stamp proves the key.
 */
export function unseal(sealer: Pick<Sealer, 'aes' | 'key'>, hex: string): string | undefined {
  const bytes = hexToBytes(hex);
  if (bytes === undefined || bytes.length === 0 || bytes.length % BLOCK !== 0) return undefined;
  const plain = bytesToAscii(sealer.aes.decrypt(sealer.key, ZERO_IV, bytes));
  const bar = plain.indexOf('|');
  const bracket = plain.indexOf(']');
  if (bracket < 0) return undefined;
  // A longer pad means that an attacker put a block before the first. In CBC that block changes the
  // next one, and so could rewrite the time that proves the key.
  if (Math.min(bar < 0 ? bracket : bar, bracket) > BLOCK) return undefined;
  // Some senders leave the bar out of NULL and ACK. The content then starts with the closing
  // bracket.
  return bar < 0 || bar > bracket ? plain.slice(bracket) : plain.slice(bar + 1);
}
