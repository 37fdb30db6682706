import type { WallMs } from '../../../protocol/clocks.ts';
import { type Random, randomBelow } from '../../random.ts';

/** Bytes of the page cache that the medium does not have. */
interface Unsynced {
  readonly position: number;
  readonly before: Uint8Array;
  readonly sizeBefore: number;
  readonly length: number;
}

const CAPACITY_MIN = 16_384;

/** A file as the kernel shows it, and what of it a power cut would take back. */
export class CachedFile {
  readonly inode: bigint;
  readonly directory: string;
  modifiedMs = 0 as WallMs;
  size = 0;
  #bytes = Buffer.alloc(CAPACITY_MIN);
  readonly #unsynced: Unsynced[] = [];

  constructor(inode: bigint, directory: string) {
    this.inode = inode;
    this.directory = directory;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.size);
  }

  /** The bytes are on the medium when it returns. */
  write(piece: Uint8Array, position: number): void {
    this.#grow(position + piece.length);
    this.#bytes.set(piece, position);
    this.size = Math.max(this.size, position + piece.length);
  }

  /** The kernel shows the bytes. The medium may have some of them. */
  writeUnsynced(piece: Uint8Array, position: number): void {
    const { length } = piece;
    this.#grow(position + length);
    const before = Uint8Array.from(this.#bytes.subarray(position, position + length));
    this.#unsynced.push({ position, before, sizeBefore: this.size, length });
    this.write(piece, position);
  }

  truncate(size: number): void {
    if (size < this.size) {
      const before = Uint8Array.from(this.#bytes.subarray(size, this.size));
      this.#unsynced.push({ position: size, before, sizeBefore: this.size, length: 0 });
      this.#bytes.fill(0, size, this.size);
    }
    this.size = size;
  }

  /** Of each piece that was not synced, the medium has its beginning: none, some or all of it. */
  powerCut(random: Random): void {
    for (const { position, before, sizeBefore, length } of this.#unsynced.splice(0).reverse()) {
      const isTruncation = length === 0;
      const kept = randomBelow(random, (isTruncation ? 1 : length) + 1);
      if (isTruncation && kept === 1) continue;
      const from = isTruncation ? 0 : kept;
      this.#grow(position + before.length);
      this.#bytes.set(before.subarray(from), position + from);
      if (isTruncation) this.size = sizeBefore;
      else if (this.size === position + length) this.size = Math.max(sizeBefore, position + kept);
    }
  }

  #grow(size: number): void {
    if (size <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(size, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
