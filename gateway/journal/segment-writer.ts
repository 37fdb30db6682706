import { join } from 'node:path';
import type { JournalFiles } from './journal-files.ts';
import type { ResumableSegment } from './recovery.ts';
import { segmentName, segmentPath } from './segment-file.ts';

/**
 * The writer fills this many bytes with zeros in one step, ahead of the records. Few, because a
 * commit may have to wait for the current step.
 */
const STEP_BYTES = 128 * 1024;
const ZEROS = new Uint8Array(STEP_BYTES);
/**
 * The writer prepares this much room ahead of the records, bytes. With more, a gateway that crashes
 * again and again would write more in vain at each start.
 */
const AHEAD_BYTES = 512 * 1024;

interface Opened {
  readonly number: number;
  readonly directory: string;
  readonly name: string;
  readonly file: number;
}

/**
 * Writes one segment. It fills some room with zeros beforehand, step by step while there is nothing
 * else to do, because overwriting in place commits no metadata.
 */
export class SegmentWriter {
  readonly number: number;
  readonly directory: string;
  readonly name: string;
  readonly #files: JournalFiles;
  /** Its open file. */
  readonly file: number;
  #room: number;
  #offset: number;
  #zeroedTo: number;

  private constructor(files: JournalFiles, opened: Opened, room: number, used: { offset: number; zeroedTo: number }) {
    this.#files = files;
    this.number = opened.number;
    this.directory = opened.directory;
    this.name = opened.name;
    this.file = opened.file;
    this.#room = room;
    this.#offset = used.offset;
    this.#zeroedTo = used.zeroedTo;
  }

  /** Creates the file and makes its name durable. Throws. */
  static create(files: JournalFiles, directory: string, number: number, room: number): SegmentWriter {
    const name = segmentName(number);
    const path = join(directory, name);
    const file = files.create(path);
    try {
      files.syncDirectory(directory);
    } catch (error) {
      files.close(file);
      files.unlink(path);
      throw error;
    }
    return new SegmentWriter(files, { number, directory, name, file }, room, { offset: 0, zeroedTo: 0 });
  }

  /**
   * Continues in a segment of an earlier run, behind its last write. Repeats that write first: an
   * error may have ended that run, and then the kernel may show bytes that never reached the
   * medium. Throws.
   */
  static resume(files: JournalFiles, resumable: ResumableSegment, room: number): SegmentWriter {
    const { segment, lastStart, end, scanned, isAtEnd } = resumable;
    const file = files.openWrite(segmentPath(segment));
    const writer = new SegmentWriter(files, { ...segment, file }, room, { offset: end, zeroedTo: scanned });
    try {
      const last = new Uint8Array(end - lastStart);
      if (files.readAt(file, last, lastStart) !== last.length) throw new Error(`no progress reading ${writer.path}`);
      writer.#writeAt(last, lastStart);
      if (!isAtEnd) files.truncate(file, scanned);
    } catch (error) {
      files.close(file);
      throw error;
    }
    return writer;
  }

  get path(): string {
    return join(this.directory, this.name);
  }

  get offset(): number {
    return this.#offset;
  }

  /** Size of the file. */
  get bytes(): number {
    return Math.max(this.#offset, this.#zeroedTo);
  }

  /** True if this many more bytes keep the segment within its size. */
  fits(bytes: number): boolean {
    return this.#offset + bytes <= this.#room;
  }

  /**
   * Returns once the bytes are on the medium. When it throws, nobody knows what was written, and
   * the file must not be used again.
   */
  write(bytes: Uint8Array): void {
    this.#writeAt(bytes, this.#offset);
    this.#offset += bytes.length;
  }

  /**
   * Fills some room with zeros, one step. Throws.
   *
   * @returns true if there is more to do
   */
  prepare(): boolean {
    const from = this.bytes;
    const length = Math.min(STEP_BYTES, this.#room - from);
    if (length <= 0 || from - this.#offset >= AHEAD_BYTES) return false;
    this.#writeAt(ZEROS.subarray(0, length), from);
    this.#zeroedTo = from + length;
    return true;
  }

  /** True if the next segment may be needed soon. */
  get isNearlyFull(): boolean {
    return this.#room - this.#offset <= Math.min(AHEAD_BYTES, this.#room / 2);
  }

  /** Gives back the room that was prepared and not used. Throws. */
  trim(): void {
    if (this.#zeroedTo > this.#offset) this.#files.truncate(this.file, this.#offset);
    this.#zeroedTo = this.#offset;
  }

  /** Prepares no more room: preparing failed, but the room so far is still good. */
  limit(): void {
    this.#room = this.bytes;
  }

  close(): void {
    this.#files.close(this.file);
  }

  /** A short write is no error. A write of no bytes is one. */
  #writeAt(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      const written = this.#files.write(this.file, bytes, done, bytes.length - done, position + done);
      if (written <= 0) throw new Error(`no progress writing ${this.path}`);
      done += written;
    }
  }
}
