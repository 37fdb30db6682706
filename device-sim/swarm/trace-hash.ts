import { createHash } from 'node:crypto';

const CHUNK_CHARACTERS = 65_536;

/** Every input and effect with its time, as one number that tells two histories apart. */
export class TraceHash {
  readonly #hash = createHash('sha256');
  #waiting = '';
  count = 0;

  add(line: string): void {
    this.count += 1;
    this.#waiting += `${line}\n`;
    if (this.#waiting.length < CHUNK_CHARACTERS) return;
    this.#hash.update(this.#waiting);
    this.#waiting = '';
  }

  /** Ends the hash. */
  digest(): string {
    this.#hash.update(this.#waiting);
    return this.#hash.digest('hex').slice(0, 16);
  }
}
