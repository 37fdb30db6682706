const FNV_PRIME = 0x01000193;
const OTHER_PRIME = 0x85ebca6b;
const START = [0x811c9dc5, 0x9747b28c] as const;
const TAG = {
  number: 1,
  true: 2,
  false: 3,
  undefined: 4,
  null: 5,
  function: 6,
  text: 7,
  constant: 8,
  seen: 9,
  end: 10,
  map: 11,
  list: 12,
  object: 13,
} as const;

/**
 * Hashes everything that can be reached from a value: 64 bits in hexadecimal digits. Maps, sets and
 * fields count in their order, because a program may act in it. Of functions only the presence
 * counts: what they enclose must be reachable otherwise.
 */
export class GraphHash {
  readonly #float = new Float64Array(1);
  readonly #words = new Uint32Array(this.#float.buffer);
  readonly #seen = new Map<object, number>();
  #low: number = START[0];
  #high: number = START[1];

  /** @param constant what is the same in all states, and need not be read */
  of(root: unknown, constant: ReadonlySet<object>): string {
    [this.#low, this.#high] = START;
    this.#seen.clear();
    this.#value(root, constant);
    return (this.#high >>> 0).toString(16).padStart(8, '0') + (this.#low >>> 0).toString(16).padStart(8, '0');
  }

  #value(value: unknown, constant: ReadonlySet<object>): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'bigint') this.#text(String(value));
    else if (typeof value === 'boolean') this.#mix(value ? TAG.true : TAG.false);
    else if (value === undefined) this.#mix(TAG.undefined);
    else if (value === null) this.#mix(TAG.null);
    else if (typeof value === 'function') this.#mix(TAG.function);
    else if (typeof value === 'object') this.#object(value, constant);
    else throw new Error(`a ${typeof value} in the state`);
  }

  #object(value: object, constant: ReadonlySet<object>): void {
    const seen = this.#seen.get(value);
    if (constant.has(value)) this.#mix(TAG.constant);
    else if (seen !== undefined) {
      this.#mix(TAG.seen);
      this.#mix(seen);
    } else {
      this.#seen.set(value, this.#seen.size);
      this.#content(value, constant);
      this.#mix(TAG.end);
    }
  }

  #content(value: object, constant: ReadonlySet<object>): void {
    if (value instanceof Map) {
      this.#mix(TAG.map);
      for (const [key, each] of value) {
        this.#value(key, constant);
        this.#value(each, constant);
      }
    } else if (value instanceof Set || Array.isArray(value)) {
      this.#mix(TAG.list);
      for (const each of value) this.#value(each, constant);
    } else if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) {
      throw new Error('a weak collection in the state can not be read');
    } else {
      this.#mix(TAG.object);
      for (const key in value) {
        this.#text(key);
        this.#value((value as Record<string, unknown>)[key], constant);
      }
    }
  }

  #text(text: string): void {
    this.#mix(TAG.text);
    this.#mix(text.length);
    for (let at = 0; at < text.length; at++) this.#mix(text.charCodeAt(at));
  }

  #number(value: number): void {
    this.#mix(TAG.number);
    this.#float[0] = value;
    this.#mix(this.#words[0] ?? 0);
    this.#mix(this.#words[1] ?? 0);
  }

  #mix(word: number): void {
    this.#low = Math.imul(this.#low ^ word, FNV_PRIME);
    this.#high = Math.imul((this.#high ^ word) + (this.#high >>> 15), OTHER_PRIME);
  }
}
