import type { Alert } from './alert.ts';

/** The alerts of which the journal or the broker has not answered yet. */
export class AwaitedAlerts {
  /** Not durable yet, oldest first. */
  #undurable: Alert[] = [];
  /** Ids of those whose first publication the broker does not have yet. */
  readonly #publications = new Map<number, string>();

  add(alert: Alert, publication: number): void {
    alert.publication = publication;
    this.#undurable.push(alert);
    this.#publications.set(publication, alert.id);
  }

  /** One of them is not durable yet. */
  get areUndurable(): boolean {
    return this.#undurable.length > 0;
  }

  /** Those that are durable now: every record up to `number` is. */
  durable(number: number): readonly Alert[] {
    const first = this.#undurable.findIndex(({ recordNumber }) => recordNumber > number);
    const durable = first === -1 ? this.#undurable : this.#undurable.slice(0, first);
    if (durable.length > 0) this.#undurable = this.#undurable.slice(durable.length);
    return durable;
  }

  /** The id of the alert whose publication it was; `undefined`: the alert is over. */
  published(number: number): string | undefined {
    const id = this.#publications.get(number);
    this.#publications.delete(number);
    return id;
  }

  /** The alert is over. */
  forget({ publication }: Alert): void {
    if (publication !== undefined) this.#publications.delete(publication);
  }
}
