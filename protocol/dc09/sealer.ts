import { asciiToBytes, bytesToAscii, hexToBytes, putAscii } from '../bytes.ts';

/**
 * AES under one key in CBC mode, without padding and with a zero initialisation vector (DC-09
 * §5.4). The key's length chooses AES-128, -192 or -256. The caller provides it. Both functions
 * take one or more whole blocks of 16 bytes.
 */
export interface AesCbc {
  /** `plaintext` is lent, and its bytes may change. */
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(ciphertext: Uint8Array): Uint8Array;
}

/**
 * The functions of an encrypted account. `pad` returns `count` bytes, none of them `[`, `]` or `|`.
 */
export interface Sealer {
  readonly aes: AesCbc;
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
export function createSealer(aes: AesCbc, random: (count: number) => Uint8Array): Sealer {
  const pad = (count: number) => {
    const pad = new Uint8Array(count);
    // 64 characters divide the 256 values of a byte, so each is as likely.
    for (const [i, byte] of random(count).entries()) pad[i] = PAD_CODES[byte % PAD_CODES.length] ?? 0;
    return pad;
  };
  return { aes, pad };
}

const PAD_CODES = asciiToBytes(PAD_ALPHABET);

const BLOCK = 16;
const BAR = 0x7c;

/**
 * Returns the ciphertext of `pad|content`, which is sent in upper-case hex. `content` is everything
 * after the opening `[`: data, closing `]`, xdata and time stamp. The pad has 1…16 bytes, and 16 if
 * the content is already aligned, as in every implementation seen.
 */
export function seal(sealer: Sealer, content: string, allocate: (length: number) => Uint8Array): Uint8Array {
  const tailLength = 1 + content.length;
  const padLength = BLOCK - (tailLength % BLOCK);
  const plain = allocate(padLength + tailLength);
  plain.set(sealer.pad(padLength));
  plain[padLength] = BAR;
  putAscii(plain, padLength + 1, content);
  return sealer.aes.encrypt(plain);
}

/**
 * Returns the content of a ciphertext in hex of either case, or `undefined` if it is invalid.
 * Garbage may follow the time stamp: some receivers add a PKCS7 block. A wrong key gives random
 * characters, not `undefined`: only the time stamp proves the key.
 */
export function unseal(sealer: Pick<Sealer, 'aes'>, hex: string): string | undefined {
  const bytes = hexToBytes(hex);
  if (bytes === undefined || bytes.length === 0 || bytes.length % BLOCK !== 0) return undefined;
  const plain = bytesToAscii(sealer.aes.decrypt(bytes));
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
