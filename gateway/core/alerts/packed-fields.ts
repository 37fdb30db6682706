/** Longer than the fields of any alert: with hundreds of paths it stays as it is. */
const BYTES_MAX = 4_096;

/**
 * Fields of a fixed order, packed into a text of bytes: of all that a program can keep a text
 * costs the least beside its content.
 */
export class PackedWriter {
  readonly #bytes = new Uint8Array(BYTES_MAX);
  readonly #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** @param value 0…65535 */
  short(value: number): void {
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
  }

  /** @param value 0…4294967295 */
  whole(value: number): void {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  number(value: number): void {
    this.#view.setFloat64(this.#at, value);
    this.#at += 8;
  }

  /** Returns what was written, and begins anew. */
  take(): string {
    const text = String.fromCharCode.apply(undefined, this.#bytes.subarray(0, this.#at) as unknown as number[]);
    this.#at = 0;
    return text;
  }
}

/** Reads what a `PackedWriter` has written, in the same order. */
export class PackedReader {
  readonly #view: DataView;
  #at = 0;

  constructor(text: string) {
    this.#view = new DataView(Uint8Array.from(text, (character) => character.charCodeAt(0)).buffer);
  }

  short(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2);
  }

  whole(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  number(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8);
  }
}
