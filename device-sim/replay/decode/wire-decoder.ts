import type { Direction, FrameEntry } from '../../../protocol/recording/recording.ts';

/** One frame, as a person and as a program reads it. */
export interface Decoded {
  readonly text: string;
  /** Names as in the wire's own specification. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Cuts what passes on one wire into frames, and reads them. Never throws, whatever passes. */
export interface WireDecoder {
  /** The frames that this piece completes. */
  decode(frame: FrameEntry): readonly Decoded[];
}

/** One scanner for each direction of each connection: bytes of two streams are never joined. */
export class Streams<S> {
  readonly #make: () => S;
  readonly #streams = new Map<string, S>();

  constructor(make: () => S) {
    this.#make = make;
  }

  of({ direction, about }: { readonly direction: Direction; readonly about: { readonly connection?: number } }): S {
    const key = `${direction} ${about.connection ?? ''}`;
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    // A recording of a day has thousands of connections, and few at a time.
    if (this.#streams.size >= STREAMS_MAX) this.#streams.clear();
    const stream = this.#make();
    this.#streams.set(key, stream);
    return stream;
  }
}

const STREAMS_MAX = 256;
