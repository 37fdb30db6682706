import type { Observation, Observer } from '../observation.ts';

interface Change {
  readonly key: string;
  readonly number: number;
}

/**
 * What the journal's records say, by key, as far as it is certain: what was not durable when the
 * gateway ended may be there after the restart or not.
 */
export class KeptByJournal<V> implements Observer {
  readonly #values = new Map<string, V>();
  #undurable: Change[] = [];

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  entries(): Iterable<readonly [string, V]> {
    return this.#values;
  }

  /** True if no crash can take this back. */
  isDurable(key: string): boolean {
    return this.#values.has(key) && !this.#undurable.some((change) => change.key === key);
  }

  /** @param record its number */
  set(key: string, value: V, record: number): void {
    this.#values.set(key, value);
    this.#undurable.push({ key, number: record });
  }

  delete(key: string, record: number): void {
    this.#values.delete(key);
    this.#undurable.push({ key, number: record });
  }

  see(observation: Observation): void {
    if (observation.type === 'down') {
      for (const { key } of this.#undurable) this.#values.delete(key);
      this.#undurable = [];
    } else if (observation.type === 'input' && observation.input.type === 'durable') {
      const { number } = observation.input;
      this.#undurable = this.#undurable.filter((change) => change.number > number);
    }
  }
}
