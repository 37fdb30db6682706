import type { MonoMs } from '../../protocol/clocks.ts';
import type { Direction, FrameAbout, WireName } from '../../protocol/recording/recording.ts';

/** Takes what passes on one wire, while a recording runs. Never throws, never waits. */
export interface WireRecorder {
  /** A piece of a stream. `bytes` is lent for the call only. */
  bytes(direction: Direction, bytes: Uint8Array, about?: FrameAbout): void;
  /** A whole message. */
  message(direction: Direction, bytes: Uint8Array, about?: FrameAbout, atMs?: MonoMs): void;
  /** The level of a GPIO line; the same level again says nothing new. */
  level(line: string, level: 0 | 1, atMs: MonoMs): void;
  /** A connection of a path was opened or closed. */
  connection(connection: number, state: 'open' | 'closed'): void;
}

/**
 * Where a driver shows what passes on its wire. `recorder` is absent unless a recording runs, so a
 * driver that is not recorded pays for one look.
 */
export interface WireTap {
  readonly recorder: WireRecorder | undefined;
  /** A number for a new connection. */
  nextConnection(): number;
}

/** What is known of a wire from its settings. */
export interface TappedWire extends WireName {
  readonly driver: string;
  readonly baudRate?: number;
  /** Never recorded, in whichever direction they pass. */
  readonly secrets: readonly string[];
}
