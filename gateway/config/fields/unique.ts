import type { View } from '../read/view.ts';

/**
 * Values that must be unique within their scope. The second one is a mistake that names the place
 * of the first.
 */
export class Unique {
  readonly #seen = new Map<string, { readonly view: View; readonly key: string }>();
  readonly #hint: string;

  constructor(hint: string) {
    this.#hint = hint;
  }

  add(view: View, key: string, value: string | undefined, what: string): void {
    if (value === undefined) return;
    const first = this.#seen.get(value);
    if (first === undefined) this.#seen.set(value, { view, key });
    else view.wrong(key, `${what} is used already at ${first.view.where(first.key)}`, this.#hint);
  }

  has(value: string): boolean {
    return this.#seen.has(value);
  }

  values(): string[] {
    return [...this.#seen.keys()];
  }
}
