/** Buffers of less than half of it share a slab of this size. Bytes. */
const POOL_BYTES = 128;

/**
 * Lets no small buffer of this thread keep a slab of Node's pool (8 KB) alive. mqtt-packet remembers a buffer for each packet length it has
 * written, for ever: with up to 16,384 lengths that held 128 MB, and 2 MB now. A pool of this size still serves the 65,536 buffers of two
 * bytes that it makes at its first packet.
 */
export function shrinkBufferPool(): void {
  Buffer.poolSize = POOL_BYTES;
}
