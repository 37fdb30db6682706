/** Messages remembered; a retry comes within minutes, long before so many others. */
const MOST = 200;

/**
 * Which numbers have taken which message, so that a further attempt goes only to those that have not: a person who gets a text twice
 * wonders whether it is a second alarm.
 */
export class Taken {
  readonly #byMessage = new Map<string, Set<string>>();

  /** @param message names it, with its words @returns the numbers, to be added to */
  of(message: string): Set<string> {
    const numbers = this.#byMessage.get(message) ?? new Set<string>();
    // The last one asked for is the last to be forgotten.
    this.#byMessage.delete(message);
    this.#byMessage.set(message, numbers);
    for (const oldest of this.#byMessage.keys()) {
      if (this.#byMessage.size <= MOST) break;
      this.#byMessage.delete(oldest);
    }
    return numbers;
  }
}
