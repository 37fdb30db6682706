import { LONG_AGO_MS, type MonoMs } from '../../protocol/clocks.ts';

/** One sender that the configuration does not have. */
interface StrangerEntry<T> {
  readonly key: string;
  readonly firstMs: MonoMs;
  lastMs: MonoMs;
  /** When it was last moved by a person; `LONG_AGO_MS`: not yet. */
  movedMs: MonoMs;
  messages: number;
  /** Of its messages, on average: dBm, or 0 where there is none. */
  strength: number;
  /** What is kept of its last message. */
  value: T;
}

/** Share of a new message in the average of the strength: one strong message proves no nearness. */
const STRENGTH_SHARE = 0.25;
/** One part of the places is kept for each: the strongest, the newest, the oldest, the moved. */
const PARTS = 4;
/** A sender that was heard less often has no kept place: it may be one of thousands. */
const STEADY_MESSAGES = 3;

/**
 * Remembers a bounded number of strangers. Whoever sends with thousands of addresses can't push the
 * real ones out: the strongest, the newest, the longest known and the last moved keep a part of the
 * places each, if they were heard more than once or twice. Of the others, those go first that were
 * heard once and the longest ago.
 */
export class StrangerTable<T> {
  readonly #entriesMax: number;
  readonly #entries = new Map<string, StrangerEntry<T>>();
  #leftOut = 0;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  /** How often a stranger had to make room for another one. */
  get leftOut(): number {
    return this.#leftOut;
  }

  entries(): readonly StrangerEntry<T>[] {
    return [...this.#entries.values()];
  }

  get(key: string): StrangerEntry<T> | undefined {
    return this.#entries.get(key);
  }

  /** @param make what is kept of it; only called for one that is new here */
  heard(key: string, nowMs: MonoMs, strength: number, make: () => T): StrangerEntry<T> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.lastMs = nowMs;
      known.messages += 1;
      known.strength += STRENGTH_SHARE * (strength - known.strength);
      return known;
    }
    if (this.#entries.size >= this.#entriesMax) this.#makeRoom();
    const fresh = { key, firstMs: nowMs, lastMs: nowMs, movedMs: LONG_AGO_MS, messages: 1, strength, value: make() };
    this.#entries.set(key, fresh);
    return fresh;
  }

  #makeRoom(): void {
    const all = [...this.#entries.values()];
    const steady = all.filter(({ messages }) => messages >= STEADY_MESSAGES);
    const kept = new Set<StrangerEntry<T>>();
    const keep = (rank: (entry: StrangerEntry<T>) => number) => {
      const ranked = [...steady].sort((one, other) => rank(other) - rank(one));
      for (const entry of ranked.slice(0, Math.floor((this.#entriesMax - 1) / PARTS))) kept.add(entry);
    };
    keep(({ strength }) => strength);
    keep(({ lastMs }) => lastMs);
    keep(({ firstMs }) => -firstMs);
    keep(({ movedMs }) => movedMs);
    const goes = all
      .filter((entry) => !kept.has(entry))
      .reduce((worst, entry) => (isLess(entry, worst) ? entry : worst));
    this.#entries.delete(goes.key);
    this.#leftOut += 1;
  }
}

function isLess<T>(one: StrangerEntry<T>, other: StrangerEntry<T>): boolean {
  const [isSteady, isOtherSteady] = [one.messages >= STEADY_MESSAGES, other.messages >= STEADY_MESSAGES];
  return isSteady === isOtherSteady ? one.lastMs < other.lastMs : isOtherSteady;
}
