import { createCipheriv } from 'node:crypto';
import type { AesCcm } from '../../../protocol/button-bus/aes-ccm.ts';

const BLOCK = 16;
const TAG_BYTES = 8;
const NONCE_BYTES = 13;
/** Flags of the first block with a tag of 8 bytes and a length of 2 (RFC 3610 §2.2). */
const FLAGS = 0x19;
const FLAG_OF_AAD = 0x40;
/** Flags of a counter block (RFC 3610 §2.3). */
const COUNTER_FLAGS = 0x01;
/** Longer associated data has a longer length field. No frame has so much. */
const AAD_BYTES_MAX = 0xfeff;
const TEXT_BYTES_MAX = 0xffff;
/** A frame of the largest size needs fewer. */
const PREPARED_BLOCKS = 8;

/**
 * AES-128-CCM out of two ciphers of OpenSSL that are made once for each key. Making them anew for
 * each frame, as CCM itself needs, costs more than all the rest of a frame.
 */
export class KeptAesCcm implements AesCcm {
  /**
   * By the key's array, whose bytes never change. A key that nobody has any more takes its ciphers
   * along.
   */
  readonly #keys = new WeakMap<Uint8Array, KeyCiphers>();

  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const ciphers = this.#of(key);
    const length = plaintext.length;
    const stream = ciphers.keystream(nonce, length);
    const mac = ciphers.mac(nonce, aad, plaintext);
    const sealed = new Uint8Array(length + TAG_BYTES);
    for (let i = 0; i < length; i++) sealed[i] = byte(plaintext, i) ^ byte(stream, BLOCK + i);
    for (let i = 0; i < TAG_BYTES; i++) sealed[length + i] = byte(mac, i) ^ byte(stream, i);
    return sealed;
  }

  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const length = sealed.length - TAG_BYTES;
    if (length < 0) return undefined;
    const ciphers = this.#of(key);
    const stream = ciphers.keystream(nonce, length);
    const plaintext = new Uint8Array(length);
    for (let i = 0; i < length; i++) plaintext[i] = byte(sealed, i) ^ byte(stream, BLOCK + i);
    const mac = ciphers.mac(nonce, aad, plaintext);
    // All bytes are compared, so that the time does not tell how many are right.
    let difference = 0;
    for (let i = 0; i < TAG_BYTES; i++) difference |= byte(sealed, length + i) ^ byte(mac, i) ^ byte(stream, i);
    return difference === 0 ? plaintext : undefined;
  }

  #of(key: Uint8Array): KeyCiphers {
    let ciphers = this.#keys.get(key);
    if (ciphers === undefined) {
      ciphers = new KeyCiphers(key);
      this.#keys.set(key, ciphers);
    }
    return ciphers;
  }
}

/**
 * Input of the ciphers, used again and again: the views of the same bytes, by their number of
 * blocks.
 */
const INPUT = new Uint8Array(PREPARED_BLOCKS * BLOCK);
const INPUTS = Array.from({ length: PREPARED_BLOCKS + 1 }, (_, blocks) => INPUT.subarray(0, blocks * BLOCK));

class KeyCiphers {
  readonly #ecb;
  readonly #cbc;
  /** The last block that `#cbc` returned. It adds this to the block that comes next. */
  readonly #last = new Uint8Array(BLOCK);

  constructor(key: Uint8Array) {
    this.#ecb = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    this.#cbc = createCipheriv('aes-128-cbc', key, this.#last).setAutoPadding(false);
  }

  /** The block that hides the tag, and those that hide a text of that length (RFC 3610 §2.3). */
  keystream(nonce: Uint8Array, length: number): Uint8Array {
    if (nonce.length !== NONCE_BYTES || length > TEXT_BYTES_MAX) throw new RangeError('AES-CCM: nonce or text');
    const input = blocks(1 + blocksOf(length));
    for (let at = 0; at < input.length; at += BLOCK) putBlock(input, at, COUNTER_FLAGS, nonce, at / BLOCK);
    return this.#ecb.update(input);
  }

  /** The CBC-MAC (RFC 3610 §2.2). It is valid until the next one. */
  mac(nonce: Uint8Array, aad: Uint8Array, text: Uint8Array): Uint8Array {
    if (aad.length > AAD_BYTES_MAX) throw new RangeError('AES-CCM: associated data');
    const aadBlocks = aad.length === 0 ? 0 : blocksOf(2 + aad.length);
    const input = blocks(1 + aadBlocks + blocksOf(text.length));
    input.fill(0);
    putBlock(input, 0, aad.length === 0 ? FLAGS : FLAGS | FLAG_OF_AAD, nonce, text.length);
    if (aad.length > 0) putLengthAndBytes(input, aad);
    for (let i = 0; i < text.length; i++) input[(1 + aadBlocks) * BLOCK + i] = byte(text, i);
    // The cipher adds its last block to the first of these. Added twice, it is gone: the MAC begins
    // at zero.
    for (let i = 0; i < BLOCK; i++) input[i] = byte(input, i) ^ byte(this.#last, i);
    const chained = this.#cbc.update(input);
    for (let i = 0; i < BLOCK; i++) this.#last[i] = byte(chained, chained.length - BLOCK + i);
    return this.#last;
  }
}

function putBlock(input: Uint8Array, at: number, flags: number, nonce: Uint8Array, number: number): void {
  input[at] = flags;
  for (let i = 0; i < NONCE_BYTES; i++) input[at + 1 + i] = byte(nonce, i);
  input[at + 14] = number >>> 8;
  input[at + 15] = number & 0xff;
}

function putLengthAndBytes(input: Uint8Array, aad: Uint8Array): void {
  input[BLOCK] = aad.length >>> 8;
  input[BLOCK + 1] = aad.length & 0xff;
  for (let i = 0; i < aad.length; i++) input[BLOCK + 2 + i] = byte(aad, i);
}

function blocks(count: number): Uint8Array {
  return INPUTS[count] ?? new Uint8Array(count * BLOCK);
}

function blocksOf(length: number): number {
  return Math.ceil(length / BLOCK);
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
