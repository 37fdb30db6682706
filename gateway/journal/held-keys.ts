/** What a line says of keys, read from its JSON. */
export interface KeyMarks {
  readonly holds?: string;
  readonly releases?: string;
}

/** Which segment has the record that must be kept for each key. */
export class HeldKeys {
  #segments: Map<string, number>;

  constructor(held: ReadonlyMap<string, number> = new Map()) {
    this.#segments = new Map(held);
  }

  /** One record was written to a segment. A record that holds and releases one key releases it. */
  mark(marks: KeyMarks, segment: number): void {
    if (marks.holds !== undefined) this.#segments.set(marks.holds, segment);
    if (marks.releases !== undefined) this.#segments.delete(marks.releases);
  }

  addMissing(held: ReadonlyMap<string, number>): void {
    for (const [key, segment] of held) {
      if (!this.#segments.has(key)) this.#segments.set(key, segment);
    }
  }

  segmentOf(key: string): number | undefined {
    return this.#segments.get(key);
  }

  /** Number of the oldest segment that must stay, or `undefined` if none need. */
  oldest(): number | undefined {
    let oldest: number | undefined;
    for (const segment of this.#segments.values()) {
      if (oldest === undefined || segment < oldest) oldest = segment;
    }
    return oldest;
  }

  table(): ReadonlyMap<string, number> {
    return this.#segments;
  }
}
