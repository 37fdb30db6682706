const STAR = 0x2a;

/**
 * Replaces known secrets in a stream of bytes by as many asterisks, however the stream is cut. A
 * far end may echo what it was sent, so it is used in both directions. Bytes that may begin a
 * secret wait for the next ones.
 */
export class SecretMask {
  readonly #secrets: readonly Uint8Array[];
  #held: Uint8Array = new Uint8Array(0);

  constructor(secrets: readonly Uint8Array[]) {
    // The longest first: one secret may begin like another.
    this.#secrets = secrets.filter(({ length }) => length > 0).toSorted((a, b) => b.length - a.length);
  }

  push(chunk: Uint8Array): Uint8Array {
    const bytes = joined(this.#held, chunk);
    const until = bytes.length - this.#mask(bytes, true);
    this.#held = bytes.slice(until);
    return bytes.slice(0, until);
  }

  /** Nothing follows: what waited was the whole of a shorter secret, or none. */
  flush(): Uint8Array {
    const held = this.#held;
    this.#mask(held, false);
    this.#held = new Uint8Array(0);
    return held;
  }

  /**
   * Masks the whole secrets, and returns how many bytes at the end may begin another.
   * @param mayFollow more bytes may come
   */
  #mask(bytes: Uint8Array, mayFollow: boolean): number {
    for (let at = 0; at < bytes.length; at += 1) {
      const rest = bytes.length - at;
      const found = this.#secrets.find(
        (secret) => (mayFollow || secret.length <= rest) && agrees(bytes, at, secret, Math.min(rest, secret.length)),
      );
      if (found === undefined) continue;
      if (found.length > rest) return rest;
      bytes.fill(STAR, at, at + found.length);
      at += found.length - 1;
    }
    return 0;
  }
}

function agrees(bytes: Uint8Array, at: number, secret: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i += 1) if (bytes[at + i] !== secret[i]) return false;
  return true;
}

/** A copy, which may be changed. */
function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const whole = new Uint8Array(one.length + other.length);
  whole.set(one);
  whole.set(other, one.length);
  return whole;
}
