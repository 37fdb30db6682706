import { asciiToBytes } from '../../protocol/bytes.ts';
import type { MonoMs } from '../../protocol/clocks.ts';
import type { Direction, FrameAbout, RecordingEntry, WireName } from '../../protocol/recording/recording.ts';
import { SecretMask } from '../../protocol/recording/secret-mask.ts';
import { monoMs } from '../system/clock.ts';
import type { WireRecorder } from './wire-tap.ts';

type Taken = Extract<RecordingEntry, { type: 'frame' | 'connection' }>;
type Dropped = Extract<RecordingEntry, { type: 'dropped' }>;

export interface RecordedWire extends WireName {
  readonly secrets: readonly string[];
  readonly sinceMs: MonoMs;
  /** Returns false if there is no room for it. */
  take(entry: Taken): boolean;
}

/** A longer frame is no frame: it is dropped and counted. */
const FRAME_BYTES_MAX = 96 * 1024;
/** Streams with a held tail; a wire has two for each of its connections. */
const STREAMS_MAX = 64;

interface Stream {
  readonly mask: SecretMask;
  readonly direction: Direction;
  readonly about: FrameAbout;
}

/** The frames of one wire, without the secrets that its path may send in clear. */
export class WireFrames implements WireRecorder {
  readonly #wire: RecordedWire;
  readonly #secrets: readonly Uint8Array[];
  readonly #streams = new Map<string, Stream>();
  readonly #levels = new Map<string, number>();
  #dropped = 0;

  constructor(wire: RecordedWire) {
    this.#wire = wire;
    this.#secrets = wire.secrets.map((secret) => new Uint8Array(Buffer.from(secret, 'utf8')));
  }

  bytes(direction: Direction, bytes: Uint8Array, about: FrameAbout = {}): void {
    const masked = this.#secrets.length === 0 ? bytes : this.#stream(direction, about).mask.push(bytes);
    if (masked.length > 0) this.#frame(direction, masked, about, monoMs());
  }

  message(direction: Direction, bytes: Uint8Array, about: FrameAbout = {}, atMs: MonoMs = monoMs()): void {
    if (this.#secrets.length === 0) {
      this.#frame(direction, bytes, about, atMs);
      return;
    }
    const mask = new SecretMask(this.#secrets);
    this.#frame(direction, Buffer.concat([mask.push(bytes), mask.flush()]), about, atMs);
  }

  level(line: string, level: 0 | 1, atMs: MonoMs): void {
    if (this.#levels.get(line) === level) return;
    this.#levels.set(line, level);
    this.#frame('in', Uint8Array.of(level), { line }, atMs);
  }

  connection(connection: number, state: 'open' | 'closed'): void {
    if (state === 'closed') this.#flush((stream) => stream.about.connection === connection);
    const { side, id, sinceMs } = this.#wire;
    const entry: Taken = { type: 'connection', ms: age(monoMs(), sinceMs), side, id, connection, state };
    if (!this.#wire.take(entry)) this.#dropped += 1;
  }

  /** Frames that are missing since it was asked last. */
  takeDropped(ms: number): Dropped | undefined {
    const frames = this.#dropped;
    if (frames === 0) return undefined;
    this.#dropped = 0;
    const { side, id } = this.#wire;
    return { type: 'dropped', ms, side, id, frames };
  }

  /** Nothing follows. */
  flush(): void {
    this.#flush(() => true);
  }

  #flush(which: (stream: Stream) => boolean): void {
    for (const [key, stream] of this.#streams) {
      if (!which(stream)) continue;
      this.#streams.delete(key);
      const held = stream.mask.flush();
      if (held.length > 0) this.#frame(stream.direction, held, stream.about, monoMs());
    }
  }

  #stream(direction: Direction, about: FrameAbout): Stream {
    const key = `${direction} ${about.connection ?? ''}`;
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    // A connection whose end was not seen.
    if (this.#streams.size >= STREAMS_MAX) this.flush();
    const stream = { mask: new SecretMask(this.#secrets), direction, about };
    this.#streams.set(key, stream);
    return stream;
  }

  #frame(direction: Direction, lent: Uint8Array, about: FrameAbout, atMs: MonoMs): void {
    const { side, id, sinceMs } = this.#wire;
    const isTooLong = lent.length > FRAME_BYTES_MAX;
    const bytes = isTooLong ? NOTHING : new Uint8Array(lent);
    const entry: Taken = { type: 'frame', ms: age(atMs, sinceMs), side, id, direction, bytes, about };
    if (isTooLong || !this.#wire.take(entry)) this.#dropped += 1;
  }
}

const NOTHING = asciiToBytes('');

/** An edge may be a little older than the recording. */
function age(atMs: MonoMs, sinceMs: MonoMs): number {
  return Math.max(0, atMs - sinceMs);
}
