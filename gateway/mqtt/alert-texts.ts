import { PackedMap } from '../system/packed-map.ts';

/**
 * So many are kept as they are while alerts change. Beyond it, packing is on the way of a press: it
 * costs the thread 2 µs, and this bounds its memory.
 */
const BUSY_MAX = 4096;
/** So many are kept as they are when all is quiet. */
const QUIET_MAX = 256;
/** No alert has changed for this long: all is quiet. */
const QUIET_MS = 1000;
/** Packing a few dozen takes about 0.1 ms. Clients are served in between. */
const PAUSE_MS = 5;

/**
 * The newest document of each open alert, as text. Alerts stay open for a day and seldom change,
 * and thousands may be open: all but the newest of them are packed, when no alert has changed for a
 * while.
 */
export class AlertTexts {
  readonly #texts = new PackedMap<string>(BUSY_MAX);
  #timer: NodeJS.Timeout | undefined;
  #hasChanged = false;

  set(key: string, text: string): void {
    this.#texts.set(key, text);
    this.#hasChanged = true;
    if (this.#timer === undefined) this.#lookIn(QUIET_MS);
  }

  delete(key: string): void {
    this.#texts.delete(key);
  }

  get(key: string): string | undefined {
    return this.#texts.get(key);
  }

  keys(): Iterable<string> {
    return this.#texts.keys();
  }

  #lookIn(ms: number): void {
    this.#timer = setTimeout(() => this.#look(), ms).unref();
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#hasChanged) {
      this.#hasChanged = false;
      this.#lookIn(QUIET_MS);
    } else if (this.#texts.pack(QUIET_MAX)) this.#lookIn(PAUSE_MS);
  }
}
