import { bytesToAscii, bytesToHex } from '../bytes.ts';

/**
 * A recording of a gateway's wires: one JSON object a line, so that a person can read it, cut it
 * and keep it in version control. The first line is the header. Every other line has its time.
 */

/** The version that this code writes, and the newest that it reads. */
export const RECORDING_VERSION = 1;

/** A line that is longer is no line of a recording. A webhook's document may have 64 kB. */
export const LINE_LENGTH_MAX = 512 * 1024;

interface RecordingHeader {
  readonly type: 'header';
  readonly version: number;
  /** ISO 8601, UTC, by the gateway's wall clock. `ms` of every other line count from here. */
  readonly began: string;
  /** Callpoint's version. */
  readonly gateway: string;
}

export interface WireName {
  readonly side: 'input' | 'path';
  /** As in `site.yaml`. */
  readonly id: string;
}

/** From the gateway's point of view. */
export type Direction = 'in' | 'out';

/** Names a wire before its first frame, and again when it is made anew. */
interface WireEntry extends WireName {
  readonly type: 'wire';
  readonly ms: number;
  readonly driver: string;
  readonly baudRate?: number;
}

/** What a frame's wire says of it besides its bytes. */
export interface FrameAbout {
  /** Of several at a time; a number is not used again. */
  readonly connection?: number;
  /** GPIO: the line. Its one byte is the level. */
  readonly line?: string;
  readonly topic?: string;
  /** The broker had kept it. */
  readonly retained?: boolean;
  /** BLE: `54:48:E6:8F:80:A5`, signal, and the kind of advertisement. */
  readonly address?: string;
  readonly rssiDbm?: number;
  readonly kind?: string;
}

export interface FrameEntry extends WireName {
  readonly type: 'frame';
  readonly ms: number;
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  readonly about: FrameAbout;
}

interface ConnectionEntry extends WireName {
  readonly type: 'connection';
  readonly ms: number;
  readonly connection: number;
  readonly state: 'open' | 'closed';
}

/** So many frames of the wire are missing before this line. */
interface DroppedEntry extends WireName {
  readonly type: 'dropped';
  readonly ms: number;
  readonly frames: number;
}

/** Between the two nothing was recorded: the gateway was stopped or restarted. */
interface GatewayEntry {
  readonly type: 'gateway';
  readonly ms: number;
  readonly state: 'lost' | 'back';
}

/** Why a recording ended. */
export type RecordingEnd = 'time' | 'size' | 'stopped' | 'gatewayGone' | 'notRead';

/** The last line. Without it the recording was cut off. */
interface EndEntry {
  readonly type: 'end';
  readonly ms: number;
  readonly end: RecordingEnd;
  readonly frames: number;
  readonly dropped: number;
}

export type RecordingEntry =
  | RecordingHeader
  | WireEntry
  | FrameEntry
  | ConnectionEntry
  | DroppedEntry
  | GatewayEntry
  | EndEntry;

/** The line of an entry, without its line end. */
export function encodeEntry(entry: RecordingEntry): string {
  switch (entry.type) {
    case 'header': {
      const { version, began, gateway } = entry;
      return JSON.stringify({ callpoint: 'recording', version, began, gateway });
    }
    case 'wire': {
      const { driver, baudRate } = entry;
      return JSON.stringify({ ...placed(entry), driver, ...(baudRate !== undefined && { baudRate }) });
    }
    case 'frame':
      return JSON.stringify({ ...placed(entry), ...entry.about, ...content(entry) });
    case 'connection':
      return JSON.stringify({ ...placed(entry), connection: entry.connection, state: entry.state });
    case 'dropped':
      return JSON.stringify({ ...placed(entry), dropped: entry.frames });
    case 'gateway':
      return JSON.stringify({ ms: rounded(entry.ms), gateway: entry.state });
    case 'end': {
      const { ms, end, frames, dropped } = entry;
      return JSON.stringify({ ms: rounded(ms), end, frames, dropped });
    }
  }
}

function placed({ ms, side, id }: WireName & { readonly ms: number }): object {
  return { ms: rounded(ms), [side]: id };
}

/** Microseconds are what a serial port or a GPIO chip can tell apart. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** As text where every byte is ASCII text, so that a person can read it; else as hex. */
function content({ direction, bytes }: FrameEntry): object {
  return isText(bytes)
    ? { [direction === 'in' ? 'inText' : 'outText']: bytesToAscii(bytes) }
    : { [direction]: bytesToHex(bytes) };
}

function isText(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => isTextByte(byte));
}

export function isTextByte(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
