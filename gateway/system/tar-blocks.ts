/** POSIX.1-2001 pax §4.18.14: header and content stand in blocks of this size. */
export const BLOCK = 512;

/** Two blocks of zeros. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

/** Zeros between the end of a content and the next block. */
export function padding(bytes: number): number {
  return (BLOCK - (bytes % BLOCK)) % BLOCK;
}

/** Reads exact numbers of bytes, and never holds more than was asked for and one piece. */
export class BlockReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(bytes: AsyncIterable<Buffer>) {
    this.#pieces = bytes[Symbol.asyncIterator]();
  }

  async read(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#pieces.next();
        if (done) throw new Error('its end is missing');
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** Reads to the end, where a tag may stand. Only zeros may follow. */
  async end(): Promise<void> {
    for (let piece = this.#rest; ; ) {
      if (piece.some((byte) => byte !== 0)) throw new Error('something stands behind its end');
      const { value, done } = await this.#pieces.next();
      if (done) return;
      piece = value;
    }
  }
}
