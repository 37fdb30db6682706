/** Node's smallest: only buffers of less than half of it share a slab. Bytes. */
const SMALLEST_POOL = 8;

/**
 * Lets no small buffer of this thread keep a slab of Node's pool (8 KB) alive. mqtt-packet remembers a buffer for each packet length it has
 * written, for ever: with up to 16,384 lengths that held 128 MB. To be called after the library is loaded, which makes 65,536 small
 * buffers that do better in the pool.
 */
export function shrinkBufferPool(): void {
  Buffer.poolSize = SMALLEST_POOL;
}
