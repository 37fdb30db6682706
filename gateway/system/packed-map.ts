import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Values that are packed together. Each costs a tenth of its JSON then, and 2 µs. */
const BLOCK_VALUES = 64;
/**
 * A block with no more values than this is not worth its bytes. They are taken out again, unless
 * the next values to be packed replace them: what is packed together often changes together.
 */
const SPARSE_VALUES = 8;
/** Much more than this costs much more time, and saves little. */
const LEVEL = 3;
/** Blocks that were read last. A reader of all values reads each block once. */
const CACHED_BLOCKS = 2;

/** The values of some keys, compressed. */
class Block<V extends object | string> {
  readonly bytes: Uint8Array;
  /** Those of its values that count. The others were replaced or deleted. */
  count: number;
  /**
   * The values are strings and packed as they are: within JSON each quote of them costs two bytes.
   */
  readonly #areStrings: boolean;

  constructor(values: readonly (readonly [string, V])[]) {
    this.#areStrings = values.every(([, value]) => typeof value === 'string');
    const texts = values.map(([, value]) => (this.#areStrings ? (value as string) : JSON.stringify(value)));
    const head = JSON.stringify([values.map(([key]) => key), texts.map(({ length }) => length)]);
    const packed = deflateRawSync(`${head}\n${texts.join('')}`, { level: LEVEL });
    // The library's result is a view of 16 kB.
    const bytes = Buffer.allocUnsafeSlow(packed.length);
    packed.copy(bytes);
    this.bytes = bytes;
    this.count = values.length;
  }

  /** @returns the text of each value */
  read(): ReadonlyMap<string, string> {
    const all = inflateRawSync(this.bytes).toString();
    let end = all.indexOf('\n') + 1;
    const [keys, lengths] = JSON.parse(all.slice(0, end)) as [string[], number[]];
    const texts = new Map<string, string>();
    for (const [index, key] of keys.entries()) {
      const start = end;
      end += lengths[index] ?? 0;
      texts.set(key, all.slice(start, end));
    }
    return texts;
  }

  valueOf(text: string): V {
    return this.#areStrings ? (text as V) : (JSON.parse(text) as V);
  }
}

/**
 * A map for many values that are alike and seldom read, such as alerts that stay open for a day.
 * The newest are kept as they are, all others in compressed blocks. Values are JSON, or strings
 * without lone surrogates, and must not be changed.
 */
export class PackedMap<V extends object | string> {
  readonly #entries = new Map<string, { readonly value: V } | Block<V>>();
  /** Keys of values that are not packed, oldest first. */
  readonly #recent = new Set<string>();
  readonly #recentMax: number;
  readonly #cache = new Map<Block<V>, ReadonlyMap<string, string>>();
  /** Blocks that became sparse since the last packing, and before it. */
  #sparse = new Set<Block<V>>();
  #sparseBefore = new Set<Block<V>>();

  /** @param recentMax values that are kept as they are */
  constructor(recentMax = 256) {
    this.#recentMax = recentMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!(entry instanceof Block)) return entry?.value;
    const text = this.#read(entry).get(key);
    return text === undefined ? undefined : entry.valueOf(text);
  }

  set(key: string, value: V): void {
    const entry = this.#entries.get(key);
    this.#recent.delete(key);
    this.#put(key, value);
    if (entry instanceof Block) this.#without(entry);
    this.#fit();
  }

  delete(key: string): boolean {
    const entry = this.#entries.get(key);
    this.#recent.delete(key);
    const isDeleted = this.#entries.delete(key);
    if (entry instanceof Block) {
      this.#without(entry);
      this.#fit();
    }
    return isDeleted;
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  *[Symbol.iterator](): Iterator<[string, V]> {
    for (const key of this.#entries.keys()) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  /**
   * Packs some of the oldest if many more than `recentMax` are kept as they are.
   *
   * @returns true if there may be more to pack
   */
  pack(recentMax: number): boolean {
    if (this.#recent.size < recentMax + BLOCK_VALUES) return false;
    this.#pack();
    return true;
  }

  #put(key: string, value: V): void {
    this.#entries.set(key, { value });
    this.#recent.add(key);
  }

  /** One of the block's values does not count any more. */
  #without(block: Block<V>): void {
    block.count -= 1;
    if (block.count <= SPARSE_VALUES) this.#sparse.add(block);
    if (block.count === 0) this.#forget(block);
  }

  #unpackSparse(): void {
    for (const block of this.#sparseBefore) {
      for (const [key, text] of this.#read(block)) {
        if (this.#entries.get(key) === block) this.#put(key, block.valueOf(text));
      }
      this.#forget(block);
    }
    this.#sparseBefore = this.#sparse;
    this.#sparse = new Set();
  }

  #forget(block: Block<V>): void {
    this.#sparse.delete(block);
    this.#sparseBefore.delete(block);
    this.#cache.delete(block);
  }

  #fit(): void {
    this.pack(this.#recentMax);
  }

  #pack(): void {
    const oldest: [string, V][] = [];
    for (const key of this.#recent) {
      if (oldest.length === BLOCK_VALUES) break;
      const entry = this.#entries.get(key);
      if (entry !== undefined && !(entry instanceof Block)) oldest.push([key, entry.value]);
    }
    const block = new Block(oldest);
    for (const [key] of oldest) {
      this.#recent.delete(key);
      this.#entries.set(key, block);
    }
    this.#unpackSparse();
  }

  #read(block: Block<V>): ReadonlyMap<string, string> {
    const texts = this.#cache.get(block) ?? block.read();
    this.#cache.delete(block);
    this.#cache.set(block, texts);
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= CACHED_BLOCKS) break;
      this.#cache.delete(oldest);
    }
    return texts;
  }
}
