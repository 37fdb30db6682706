import { createCipheriv } from 'node:crypto';

/**
 * The button bus as hardware/button-bus.md describes it, in the plainest form and built only on the
 * AES block function. It shares no line with protocol/button-bus, so that the two prove each other.
 */

export type Bytes = readonly number[];

interface CcmSteps {
  readonly b: readonly Bytes[];
  readonly x: readonly Bytes[];
  readonly a: readonly Bytes[];
  readonly s: readonly Bytes[];
  readonly ciphertext: Bytes;
  readonly tag: Bytes;
}

export interface FrameParts {
  readonly version?: number;
  readonly address: number;
  readonly type: number;
  readonly epoch: number;
  readonly counter: number;
  readonly payload: Bytes;
}

export interface ReferenceFrame {
  readonly header: Bytes;
  readonly nonce: Bytes;
  readonly aad: Bytes;
  readonly plaintext: Bytes;
  readonly ccm: CcmSteps;
  readonly sealed: Bytes;
  readonly raw: Bytes;
  readonly body: Bytes;
  readonly wire: Bytes;
}

const HELLO = 0x05;

export function referenceFrame(key: Bytes, parts: FrameParts): ReferenceFrame {
  const { version = 1, address, type, epoch, counter, payload } = parts;
  const header = [version, address, type, ...le(epoch, 4), ...le(counter, 4)];
  const nonce = [...header, 0, 0];
  const aad = type === HELLO ? [...header, ...payload] : header;
  const plaintext = type === HELLO ? [] : payload;
  const ccm = ccmSeal(key, nonce, aad, plaintext);
  const sealed = [...ccm.ciphertext, ...ccm.tag];
  return { header, nonce, aad, plaintext, ccm, sealed, ...framed([...aad, ...sealed]) };
}

/** Adds CRC, COBS and delimiters to sealed bytes. */
export function framed(content: Bytes): Pick<ReferenceFrame, 'raw' | 'body' | 'wire'> {
  const crc = crc16(content);
  return wired([...content, crc >>> 8, crc & 0xff]);
}

/** Adds COBS and delimiters to bytes that have their CRC. */
export function wired(raw: Bytes): Pick<ReferenceFrame, 'raw' | 'body' | 'wire'> {
  const body = cobs(raw);
  return { raw, body, wire: [0, ...body, 0] };
}

/** RFC 3610 section 2 with M = 8, L = 2. */
export function ccmSeal(key: Bytes, nonce: Bytes, aad: Bytes, plaintext: Bytes): CcmSteps {
  const b = [
    [0x59, ...nonce, ...be(plaintext.length, 2)],
    ...blocks([...be(aad.length, 2), ...aad]),
    ...blocks(plaintext),
  ];
  const x: Bytes[] = [];
  let last: Bytes = new Array(16).fill(0);
  for (const block of b) {
    last = aes(
      key,
      block.map((byte, i) => byte ^ (last[i] ?? 0)),
    );
    x.push(last);
  }
  const a = Array.from({ length: 1 + Math.ceil(plaintext.length / 16) }, (_, i) => [0x01, ...nonce, ...be(i, 2)]);
  const s = a.map((block) => aes(key, block));
  const ciphertext = plaintext.map((byte, i) => byte ^ (s[1 + Math.floor(i / 16)]?.[i % 16] ?? 0));
  const tag = last.slice(0, 8).map((byte, i) => byte ^ (s[0]?.[i] ?? 0));
  return { b, x, a, s, ciphertext, tag };
}

/**
 * CRC-16/GENIBUS bit by bit, from the definition: polynomial 0x1021, initial value 0xFFFF, result
 * inverted.
 */
function crc16(bytes: Bytes): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc ^ 0xffff;
}

/** For fewer than 254 bytes: each run up to a zero (or the end) after its length plus one. */
export function cobs(raw: Bytes): Bytes {
  const runs: number[][] = [[]];
  for (const byte of raw) {
    if (byte === 0) runs.push([]);
    else runs.at(-1)?.push(byte);
  }
  return runs.flatMap((run) => [run.length + 1, ...run]);
}

export function le(value: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) % 256);
}

export function hex(bytes: Iterable<number>): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

function be(value: number, size: number): number[] {
  return le(value, size).reverse();
}

function blocks(bytes: Bytes): Bytes[] {
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, i) =>
    Array.from({ length: 16 }, (_, at) => bytes[16 * i + at] ?? 0),
  );
}

function aes(key: Bytes, block: Bytes): Bytes {
  const cipher = createCipheriv('aes-128-ecb', Uint8Array.from(key), null).setAutoPadding(false);
  return [...cipher.update(Uint8Array.from(block)), ...cipher.final()];
}
