/**
 * Finds MQTT packets that are longer than allowed, by their fixed headers alone (MQTT 3.1.1 §2.2).
 * The broker's parser has no limit: it would collect up to 256 MiB before it looks at a packet,
 * even before the login.
 */
export class PacketLimit {
  #maxBytes: number;
  /** Bytes of the current packet's body that are still to come. */
  #body = 0;
  /** True if the next byte is the first of a packet. */
  #atType = true;
  #length = 0;
  #lengthBytes = 0;
  /** Length that the last header announced, as far as it was read. */
  announced = 0;

  /** @param maxBytes longest body ("remaining length") that is accepted */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** A new limit for packets whose header is still to come. */
  set maxBytes(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * False as soon as a header announces too many bytes or is not a header. The stream cannot be
   * followed after that.
   */
  accepts(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body > 0) {
        const skipped = Math.min(this.#body, chunk.length - at);
        this.#body -= skipped;
        at += skipped;
      } else if (this.#atType) {
        this.#atType = false;
        at += 1;
      } else {
        if (!this.#lengthByte(chunk[at] ?? 0)) return false;
        at += 1;
      }
    }
    return true;
  }

  #lengthByte(byte: number): boolean {
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    this.announced = this.#length;
    if (this.#length > this.#maxBytes) return false;
    if ((byte & 0x80) !== 0) return this.#lengthBytes < 4;
    this.#body = this.#length;
    this.#length = 0;
    this.#lengthBytes = 0;
    this.#atType = true;
    return true;
  }
}
