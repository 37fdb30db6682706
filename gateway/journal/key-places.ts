/** Where in the journal the record lies that must be kept for a key. */
export interface Place {
  readonly segment: number;
  /** Bytes of records that had been added before it. */
  readonly position: number;
}

/**
 * The place of each key that is held. Knows the oldest place without a search, most of the time.
 */
export class KeyPlaces {
  readonly #places = new Map<string, Place>();
  /** `undefined`: to be searched for. */
  #oldest: Place | undefined;

  has(key: string): boolean {
    return this.#places.has(key);
  }

  get(key: string): Place | undefined {
    return this.#places.get(key);
  }

  set(key: string, place: Place): void {
    if (this.#places.get(key) === this.#oldest) this.#oldest = undefined;
    else if (this.#oldest !== undefined && isOlder(place, this.#oldest)) this.#oldest = place;
    this.#places.set(key, place);
  }

  delete(key: string): void {
    if (this.#places.get(key) === this.#oldest) this.#oldest = undefined;
    this.#places.delete(key);
  }

  [Symbol.iterator](): Iterator<[string, Place]> {
    return this.#places[Symbol.iterator]();
  }

  oldest(): Place | undefined {
    this.#oldest ??= this.#search();
    return this.#oldest;
  }

  #search(): Place | undefined {
    let oldest: Place | undefined;
    for (const place of this.#places.values()) if (oldest === undefined || isOlder(place, oldest)) oldest = place;
    return oldest;
  }
}

function isOlder(one: Place, other: Place): boolean {
  return one.segment < other.segment || (one.segment === other.segment && one.position < other.position);
}
