import type { KeptKey, SavedWindow } from '../journal-record.ts';
import { FrameWindow } from './frame-window.ts';

interface Known {
  generation: number;
  readonly window: FrameWindow;
}

/**
 * The gateway remembers this many keys of one device. A key that is changed back to one of them
 * opens no recording.
 */
const KEYS_MAX = 8;

/**
 * Remembers what was heard of one device under each of its last keys. A frame proves only that its
 * sender has the key, so each key has a window of its own. A new key begins with nothing heard. An
 * old key that comes back goes on where it was.
 */
export class KeyWindows {
  /** By fingerprint. */
  readonly #known = new Map<string, Known>();
  /** What the journal recorded without a key, before any record named one. */
  readonly #nameless = new FrameWindow();
  #lastNamed: string | undefined;

  /**
   * @param fingerprint absent if a version that wrote down no keys made the record. Such a record
   *   belongs to the key that is there.
   */
  of(fingerprint: string | undefined): FrameWindow {
    if (fingerprint !== undefined) return this.#named(fingerprint).window;
    return this.#lastNamed === undefined ? this.#nameless : this.#named(this.#lastNamed).window;
  }

  /** See `FrameWindow.doubt`. */
  doubt(): void {
    this.#nameless.doubt();
    for (const { window } of this.#known.values()) window.doubt();
  }

  recover([fingerprint, generation, heard]: KeptKey): void {
    const known = this.#named(fingerprint);
    known.generation = generation;
    if (heard !== null) known.window.recover(heard);
  }

  /**
   * Takes up what an earlier run heard, beside what this run has heard under its own key. Returns
   * the generation of that key.
   */
  recoverAll(earlier: KeyWindows, present: string): number {
    const known = this.#named(present);
    const nameless = earlier.#nameless.save();
    // No record has named it yet. A version without keys heard everything under the key that is
    // there.
    if (nameless !== undefined && earlier.#lastNamed === undefined) known.window.recover(nameless);
    let last = 0;
    let generation: number | undefined;
    for (const [fingerprint, { generation: of, window }] of earlier.#known) {
      last = Math.max(last, of);
      if (fingerprint === present) generation = of;
      this.recover([fingerprint, of, window.save() ?? null]);
    }
    // This holds for a journal that is read late, too: what this run has raised keeps its ids, and
    // none of the earlier keys comes again from now on.
    known.generation = generation ?? last + 1;
    return known.generation;
  }

  /** Every key, oldest first, if there was more than one. */
  save(present: string): readonly KeptKey[] | undefined {
    if (this.#known.size < 2) return undefined;
    const keys = [...this.#known].sort(([, one], [, other]) => one.generation - other.generation);
    const surplus = keys.length - KEYS_MAX;
    const kept = keys.filter(([fingerprint], place) => place >= surplus || fingerprint === present);
    return kept.map(([fingerprint, { generation, window }]) => [fingerprint, generation, window.save() ?? null]);
  }

  /**
   * Everything a checkpoint needs: what was heard under the key that was named last, and every key
   * if there was more than one.
   */
  saved(): { readonly heard: SavedWindow | undefined; readonly kept: readonly KeptKey[] | undefined } {
    const last = this.#lastNamed;
    if (last === undefined) return { heard: this.#nameless.save(), kept: undefined };
    return { heard: this.#named(last).window.save(last), kept: this.save(last) };
  }

  #named(fingerprint: string): Known {
    const found = this.#known.get(fingerprint);
    const known = found ?? { generation: this.#known.size + 1, window: new FrameWindow() };
    if (found === undefined) this.#known.set(fingerprint, known);
    if (this.#lastNamed === undefined) {
      const nameless = this.#nameless.save();
      if (nameless !== undefined) known.window.recover(nameless);
    }
    this.#lastNamed = fingerprint;
    return known;
  }
}
