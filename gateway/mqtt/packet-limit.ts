/**
 * Watches a client's bytes for MQTT packets longer than allowed, by their fixed headers alone (MQTT 3.1.1 §2.2). The broker's
 * parser has no limit of its own: it would collect up to 256 MiB before it looks at a packet, even before the login.
 */
export class PacketLimit {
  #maxBytes: number;
  /** Bytes of the current packet's body still to come. */
  #body = 0;
  /** Next byte is a packet's first. */
  #atType = true;
  #length = 0;
  #lengthBytes = 0;

  /** @param maxBytes longest body ("remaining length") taken */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** For packets whose header is still to come. */
  set maxBytes(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False as soon as a header announces too much, or is none. The stream can't be followed after that. */
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
    if (this.#length > this.#maxBytes) return false;
    if ((byte & 0x80) !== 0) return this.#lengthBytes < 4;
    this.#body = this.#length;
    this.#length = 0;
    this.#lengthBytes = 0;
    this.#atType = true;
    return true;
  }
}
