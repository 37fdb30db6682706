/**
 * Converts bytes to text and back without TextEncoder or Buffer, which the pure part does not have.
 */

/**
 * Writes each character as one byte, code & 0xFF. ASCII and Latin-1 pass; the caller must have
 * replaced anything else.
 */
export function asciiToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  putAscii(bytes, 0, text);
  return bytes;
}

/** Writes the bytes of a text to `out` from `at`. Returns the index after them. */
export function putAscii(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i) & 0xff;
  return at + text.length;
}

/** Characters of one call of `fromCharCode`: each is an argument on the stack. */
const CHARACTERS_AT_ONCE = 1_024;

/** Reads `bytes[start…end)` as Latin-1, one character per byte. */
export function bytesToAscii(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  // A string that grows by one character at a time costs three times as much.
  for (let from = start; from < end; from += CHARACTERS_AT_ONCE) {
    const some = bytes.subarray(from, Math.min(end, from + CHARACTERS_AT_ONCE));
    text += Reflect.apply(String.fromCharCode, undefined, some);
  }
  return text;
}

const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Returns lower-case hex, two digits per byte. */
export function bytesToHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += HEX_OF_BYTE[byte];
  return hex;
}

/** Codes of the upper-case hex digits. */
const DIGITS = asciiToBytes('0123456789ABCDEF');

/** Writes `bytes` as upper-case hex to `out` from `at`. Returns the index after it. */
export function putHex(out: Uint8Array, at: number, bytes: Uint8Array): number {
  let to = at;
  for (const byte of bytes) {
    out[to++] = DIGITS[byte >>> 4] ?? 0;
    out[to++] = DIGITS[byte & 0xf] ?? 0;
  }
  return to;
}

/** Writes a number 0…0xFFFF as four upper-case hex digits. */
export function putHex4(out: Uint8Array, at: number, value: number): void {
  for (let digit = 0; digit < 4; digit++) out[at + digit] = DIGITS[(value >>> (12 - 4 * digit)) & 0xf] ?? 0;
}

/** Returns `undefined` unless `hex` is an even number of hex digits, in either case. */
export function hexToBytes(hex: string): Uint8Array | undefined {
  if (hex.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const byte = 16 * digitOf(hex.charCodeAt(2 * i)) + digitOf(hex.charCodeAt(2 * i + 1));
    if (Number.isNaN(byte)) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

/** Reads four hex digits, in either case. Returns `undefined` if they are not four digits. */
export function hex4At(bytes: Uint8Array, at: number): number | undefined {
  let value = 0;
  for (let digit = 0; digit < 4; digit++) value = 16 * value + digitOf(bytes[at + digit] ?? 0);
  return Number.isNaN(value) ? undefined : value;
}

/** The value of the hex digit with this character code; NaN if it is none. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const upper = code & ~0x20;
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : Number.NaN;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
