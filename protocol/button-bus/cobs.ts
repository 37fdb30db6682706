/**
 * Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999) turns any bytes into bytes without
 * 0x00 and back, so that 0x00 can end a frame. Neither function adds or expects the delimiter.
 */

/** Largest number of data bytes in one block. */
const BLOCK = 254;

/** Adds one byte per 254 bytes or part of them. The empty input becomes `01`. */
export function cobsEncode(raw: Uint8Array): Uint8Array {
  const out = new Uint8Array(raw.length + 1 + Math.floor(raw.length / BLOCK));
  const end = cobsEncodeInto(raw, out, 0);
  return end === out.length ? out : out.subarray(0, end);
}

/**
 * Writes the encoding of `raw` to `out` from `at`, which must have room. Returns the index after
 * its last byte.
 */
export function cobsEncodeInto(raw: Uint8Array, out: Uint8Array, at: number): number {
  let codeAt = at;
  let next = at + 1;
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i] ?? 0;
    if (byte !== 0) out[next++] = byte;
    const full = next - codeAt > BLOCK;
    if (byte !== 0 && !full) continue;
    out[codeAt] = next - codeAt;
    // A full block at the very end needs no further one: 254 non-zero bytes take 255 bytes, not
    // 256.
    if (byte !== 0 && i === raw.length - 1) return next;
    codeAt = next++;
  }
  out[codeAt] = next - codeAt;
  return next;
}

/**
 * Returns `undefined` if `encoded` is empty, contains 0x00, or has a block that runs past its end.
 */
export function cobsDecode(encoded: Uint8Array): Uint8Array | undefined {
  const length = encoded.length;
  if (length === 0) return undefined;
  const raw = new Uint8Array(length - 1);
  let to = 0;
  let from = 0;
  for (;;) {
    const code = encoded[from++] ?? 0;
    const end = from + code - 1;
    if (code === 0 || end > length) return undefined;
    while (from < end) {
      const byte = encoded[from++] ?? 0;
      if (byte === 0) return undefined;
      raw[to++] = byte;
    }
    if (from === length) break;
    if (code <= BLOCK) raw[to++] = 0;
  }
  return to === raw.length ? raw : raw.subarray(0, to);
}
