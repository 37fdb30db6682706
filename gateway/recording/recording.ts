import { after, type MonoMs } from '../../protocol/clocks.ts';
import {
  encodeEntry,
  RECORDING_VERSION,
  type RecordingEnd,
  type RecordingEntry,
} from '../../protocol/recording/recording.ts';
import { monoMs, wallTimeOf } from '../system/clock.ts';
import { type RecordedWire, WireFrames } from './wire-frames.ts';
import type { TappedWire, WireRecorder } from './wire-tap.ts';

/** Where the lines go: the socket of the person who records. */
export interface RecordingOut {
  /** Returns false if it wants no more until `drained`. */
  write(text: string): boolean;
}

export interface RecordingOptions {
  readonly forMs: number;
  /** From here times count; absent: from now. */
  readonly sinceMs?: MonoMs;
  /** Callpoint's version. */
  readonly version: string;
  /** Called once, when nothing is recorded any more. What waits may still be written. */
  ended(end: RecordingEnd): void;
}

/** Frames that wait for the reader. More are dropped and counted. */
const WAITING_BYTES_MAX = 1024 * 1024;
/** An entry costs about this besides its bytes. */
const ENTRY_BYTES = 128;
/** Made into lines in one turn of the event loop. A press waits for no more than these. */
const LINES_A_TURN = 32;
const BYTES_A_TURN = 16 * 1024;
/** How long frames are gathered before they are written. */
const GATHER_MS = 20;

type DroppedEntry = Extract<RecordingEntry, { type: 'dropped' }>;

interface Waiting {
  readonly entry: RecordingEntry;
  readonly bytes: number;
}

/**
 * One recording: takes frames from all wires and writes them to one reader, in bounded memory. On
 * the path of a press it only copies the bytes. Lines are made later, a few at a time. What does
 * not fit is dropped and counted.
 */
export class Recording {
  readonly began: string;
  readonly #out: RecordingOut;
  readonly #options: RecordingOptions;
  readonly #stopped: () => void;
  readonly #sinceMs: MonoMs;
  readonly #wires = new Map<string, WireFrames>();
  readonly #limit: NodeJS.Timeout;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #isFull = false;
  #frames = 0;
  #dropped = 0;
  #end: RecordingEnd | undefined;
  #isOver = false;

  constructor(out: RecordingOut, options: RecordingOptions, stopped: () => void) {
    const now = monoMs();
    this.#out = out;
    this.#options = options;
    this.#stopped = stopped;
    this.#sinceMs = options.sinceMs === undefined || options.sinceMs > now ? now : options.sinceMs;
    this.began = new Date(wallTimeOf(this.#sinceMs)).toISOString();
    this.#limit = setTimeout(() => this.stop('time'), options.forMs);
    this.#limit.unref();
    this.#add({ type: 'header', version: RECORDING_VERSION, began: this.began, gateway: options.version });
  }

  /** For the wire from now on. */
  recorderOf(wire: TappedWire): WireRecorder {
    const { side, id, driver, baudRate } = wire;
    const key = `${side} ${id}`;
    const before = this.#wires.get(key);
    before?.flush();
    const missing = before?.takeDropped(monoMs() - this.#sinceMs);
    if (missing !== undefined) this.#missing(missing);
    const recorded: RecordedWire = {
      side,
      id,
      secrets: wire.secrets,
      sinceMs: this.#sinceMs,
      take: (entry) => this.#take(entry),
    };
    const frames = new WireFrames(recorded);
    this.#wires.set(key, frames);
    const ms = monoMs() - this.#sinceMs;
    this.#add({ type: 'wire', ms, side, id, driver, ...(baudRate !== undefined && { baudRate }) });
    return frames;
  }

  /** The reader takes more. */
  drained(): void {
    this.#isFull = false;
    this.#soon(0);
  }

  /** Nothing more is recorded. What waits is written, then the end. */
  stop(end: RecordingEnd): void {
    if (this.#end !== undefined) return;
    for (const wire of this.#wires.values()) wire.flush();
    this.#end = end;
    clearTimeout(this.#limit);
    this.#stopped();
    this.#soon(0);
  }

  /** The reader has gone. Returns false if it had everything. */
  abandon(): boolean {
    if (this.#isOver) return false;
    this.stop('notRead');
    this.#isOver = true;
    this.#waiting = [];
    clearTimeout(this.#timer);
    return true;
  }

  /** Returns false if there is no room for it. */
  #take(entry: Extract<RecordingEntry, { type: 'frame' | 'connection' }>): boolean {
    const bytes = ENTRY_BYTES + (entry.type === 'frame' ? entry.bytes.length : 0);
    if (this.#end !== undefined) return true;
    if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) return false;
    if (entry.type === 'frame') this.#frames += 1;
    this.#add(entry, bytes);
    return true;
  }

  #add(entry: RecordingEntry, bytes = 0): void {
    this.#waiting.push({ entry, bytes });
    this.#waitingBytes += bytes;
    this.#soon(GATHER_MS);
  }

  #soon(ms: number): void {
    if (this.#isOver || this.#isFull || (this.#timer !== undefined && ms > 0)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#write();
    }, ms);
    this.#timer.unref();
  }

  #write(): void {
    let lines = '';
    let count = 0;
    let turnBytes = 0;
    for (const { entry, bytes } of this.#waiting) {
      lines += `${encodeEntry(entry)}\n`;
      count += 1;
      turnBytes += bytes;
      if (count >= LINES_A_TURN || turnBytes >= BYTES_A_TURN) break;
    }
    this.#waiting.splice(0, count);
    this.#waitingBytes -= turnBytes;
    if (this.#waiting.length === 0) {
      lines += this.#droppedLines();
      if (this.#end !== undefined) lines += this.#endLine(this.#end);
    }
    this.#isFull = lines !== '' && !this.#out.write(lines);
    if (this.#waiting.length > 0) this.#soon(0);
    else if (this.#end !== undefined && !this.#isOver) {
      this.#isOver = true;
      this.#options.ended(this.#end);
    }
  }

  #droppedLines(): string {
    const ms = monoMs() - this.#sinceMs;
    const missing = [...this.#wires.values()].flatMap((wire) => wire.takeDropped(ms) ?? []);
    for (const { frames } of missing) this.#dropped += frames;
    return missing.map((entry) => `${encodeEntry(entry)}\n`).join('');
  }

  #missing(entry: DroppedEntry): void {
    this.#dropped += entry.frames;
    this.#add(entry);
  }

  #endLine(end: RecordingEnd): string {
    const ms = after(monoMs(), -this.#sinceMs);
    return `${encodeEntry({ type: 'end', ms, end, frames: this.#frames, dropped: this.#dropped })}\n`;
  }
}
