/** Buffers of less than half of it share a slab of this size. Bytes. */
const POOL_BYTES = 128;

/**
 * Keeps small buffers of this thread from holding a slab of Node's pool (8 KB) alive. mqtt-packet
 * keeps a buffer for each packet length it has ever written. With up to 16,384 lengths these
 * buffers held 128 MB; they hold 2 MB now. A pool of this size still serves the 65,536 buffers of
 * two bytes that mqtt-packet makes at its first packet.
 */
export function shrinkBufferPool(): void {
  Buffer.poolSize = POOL_BYTES;
}
