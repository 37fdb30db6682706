import type { Led } from '../nodes/press-watch.ts';
import type { Displayed } from '../site/screen.ts';
import { Watchers } from '../watchers.ts';

/** A document that the gateway published. These fields are looked at by name. */
export interface SeenDocument {
  readonly id?: unknown;
  readonly state?: unknown;
  readonly kind?: unknown;
  readonly device?: unknown;
  readonly type?: unknown;
  readonly text?: unknown;
  readonly detail?: unknown;
  readonly since_at?: unknown;
  readonly supervised?: unknown;
  readonly paths?: unknown;
  readonly [name: string]: unknown;
}

/** Something that happened in a run. */
type Happening =
  | { readonly type: 'step'; readonly line: number; readonly name?: string | undefined; readonly written: string }
  /** `alert`: its id, if the device numbers its presses itself. */
  | { readonly type: 'pressed'; readonly device: string; readonly alert?: string }
  /** `topic` is below the root. A removed retained message has no document. */
  | { readonly type: 'mqtt'; readonly topic: string; readonly document: SeenDocument }
  | { readonly type: 'shown'; readonly path: string; readonly displayed: Displayed }
  | { readonly type: 'led'; readonly device: string; readonly led: Led }
  | { readonly type: 'journal'; readonly verifies: boolean; readonly detail: string }
  /** Something else, for a person: the gateway was killed, a receiver refused. */
  | { readonly type: 'note'; readonly text: string };

/** `atMs` counts from the start of the timeline. What happened before is negative. */
export type Seen = Happening & { readonly atMs: number };

/** What happened in a run, in order. */
export class History {
  readonly seen: Seen[] = [];
  readonly #watchers = new Watchers<Seen>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  add(happening: Happening): void {
    const seen = { ...happening, atMs: this.#nowMs() };
    this.seen.push(seen);
    this.#watchers.tell(seen);
  }

  /** Sets the clock anew. What was seen so far is before the start. */
  rebase(begin: () => void): void {
    const nowMs = this.#nowMs();
    this.seen.forEach((seen, at) => {
      this.seen[at] = { ...seen, atMs: seen.atMs - nowMs };
    });
    begin();
  }

  /** @returns a function that removes the listener */
  on(listener: (seen: Seen) => void): () => void {
    return this.#watchers.on(listener);
  }
}
