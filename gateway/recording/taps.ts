import { Recording, type RecordingOptions, type RecordingOut } from './recording.ts';
import type { TappedWire, WireRecorder, WireTap } from './wire-tap.ts';

class Tap implements WireTap {
  readonly wire: TappedWire;
  recorder: WireRecorder | undefined;
  #connections = 0;

  constructor(wire: TappedWire) {
    this.wire = wire;
  }

  nextConnection(): number {
    this.#connections += 1;
    return this.#connections;
  }
}

/** The taps of all wires of one gateway. One recording at a time. */
export class Taps {
  readonly #taps = new Map<string, Tap>();
  #recording: Recording | undefined;

  /** A driver is about to be made. The tap of the one before it, if there was one, is dead. */
  tap(wire: TappedWire): WireTap {
    const tap = new Tap(wire);
    const key = `${wire.side} ${wire.id}`;
    const before = this.#taps.get(key);
    if (before !== undefined) before.recorder = undefined;
    this.#taps.set(key, tap);
    tap.recorder = this.#recording?.recorderOf(wire);
    return tap;
  }

  /**
   * Begins a recording.
   * @returns a text that says why there is none: another one runs
   */
  record(out: RecordingOut, options: RecordingOptions): Recording | string {
    const running = this.#recording;
    if (running !== undefined) {
      return `another recording runs since ${running.began}: end it first, or wait for its end`;
    }
    const recording = new Recording(out, options, () => {
      this.#recording = undefined;
      for (const tap of this.#taps.values()) tap.recorder = undefined;
    });
    this.#recording = recording;
    for (const tap of this.#taps.values()) tap.recorder = recording.recorderOf(tap.wire);
    return recording;
  }
}
