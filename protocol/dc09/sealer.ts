import { asciiToBytes, bytesToAscii, bytesToHex, concatBytes, hexToBytes } from '../bytes.ts';

/**
 * AES in CBC mode without padding; the key's length (16, 24 or 32 bytes) chooses AES-128, -192 or
 * -256. Injected.
 */
export interface AesCbc {
  encrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  decrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
}

/** What an encrypted account needs. `pad` returns `count` bytes, none of them `[`, `]` or `|`. */
export interface Sealer {
  readonly aes: AesCbc;
  readonly key: Uint8Array;
  readonly pad: (count: number) => Uint8Array;
}

/**
 * 64 printable characters: several receivers decode as ASCII or UTF-8 before they cut the pad off,
 * so a binary pad breaks them (DC-09 §5.4 asks only that `[`, `]` and `|` don't occur).
 */
export const PAD_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-';

/**
 * @param random returns `count` random bytes; the pad is the only randomness of DC-09 encryption
 * (fixed key, zero IV).
 */
export function createSealer(aes: AesCbc, key: Uint8Array, random: (count: number) => Uint8Array): Sealer {
  const pad = (count: number) => random(count).map((byte) => PAD_ALPHABET.charCodeAt(byte % PAD_ALPHABET.length));
  return { aes, key, pad };
}

const BLOCK = 16;
const ZERO_IV = new Uint8Array(BLOCK);

/**
 * Ciphertext in upper-case hex of `pad|content`, where `content` is everything after the opening
 * `[`: data, closing `]`, xdata and time stamp. The pad is 1…16 bytes: a whole block when already
 * aligned, as every implementation seen does.
 */
export function seal(sealer: Sealer, content: string): string {
  const tail = asciiToBytes(`|${content}`);
  const plain = concatBytes(sealer.pad(BLOCK - (tail.length % BLOCK)), tail);
  return bytesToHex(sealer.aes.encrypt(sealer.key, ZERO_IV, plain)).toUpperCase();
}

/**
 * Content of a ciphertext in hex of either case, or `undefined` if it can't be one. What follows
 * the time stamp may be rubbish: some receivers add a PKCS7 block. A wrong key gives random
 * characters, not `undefined`: only the time stamp proves the key.
 */
export function unseal(sealer: Pick<Sealer, 'aes' | 'key'>, hex: string): string | undefined {
  const bytes = hexToBytes(hex);
  if (bytes === undefined || bytes.length === 0 || bytes.length % BLOCK !== 0) return undefined;
  const plain = bytesToAscii(sealer.aes.decrypt(sealer.key, ZERO_IV, bytes));
  const bar = plain.indexOf('|');
  const bracket = plain.indexOf(']');
  if (bracket < 0) return undefined;
  // A longer pad is somebody's block before the first: in CBC it is added to it, and so rewrites
  // the time that proves the key.
  if (Math.min(bar < 0 ? bracket : bar, bracket) > BLOCK) return undefined;
  // Some senders leave the bar out of NULL and ACK: then the content starts with the closing
  // bracket.
  return bar < 0 || bar > bracket ? plain.slice(bracket) : plain.slice(bar + 1);
}
