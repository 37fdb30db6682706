import { join } from 'node:path';
import type { JournalFiles } from './journal-files.ts';
import { segmentName } from './segment-file.ts';

/** Zeros written in one step ahead of the records: small, because a commit may have to wait for the step under way. */
const STEP_BYTES = 128 * 1024;
const ZEROS = new Uint8Array(STEP_BYTES);

/**
 * One segment being written. Its room is filled with zeros beforehand, step by step while nothing else is to do, because
 * overwriting in place commits no metadata.
 */
export class SegmentWriter {
  readonly number: number;
  readonly directory: string;
  readonly name: string;
  #files: JournalFiles;
  #file: number;
  #room: number;
  #offset = 0;
  #zeroedTo = 0;

  /** Creates the file and makes its name durable. Throws. */
  constructor(files: JournalFiles, directory: string, number: number, room: number) {
    this.#files = files;
    this.number = number;
    this.directory = directory;
    this.name = segmentName(number);
    this.#room = room;
    this.#file = files.create(this.path);
    try {
      files.syncDirectory(directory);
    } catch (error) {
      files.close(this.#file);
      files.unlink(this.path);
      throw error;
    }
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

  get isHalfFull(): boolean {
    return this.#offset * 2 >= this.#room;
  }

  /** True if so many more bytes keep the segment within its size. */
  fits(bytes: number): boolean {
    return this.#offset + bytes <= this.#room;
  }

  /** Returns once the bytes are on the medium. Throws; what was written then is unknown, and the file must not be used again. */
  write(bytes: Uint8Array): void {
    this.#writeAt(bytes, this.#offset);
    this.#offset += bytes.length;
  }

  /** One step of filling the room with zeros. @returns true if there is more to do. Throws. */
  prepare(): boolean {
    const from = this.bytes;
    const length = Math.min(STEP_BYTES, this.#room - from);
    if (length <= 0) return false;
    this.#writeAt(ZEROS.subarray(0, length), from);
    this.#zeroedTo = from + length;
    return this.#zeroedTo < this.#room;
  }

  /** No more room than there is now: preparing failed, and what is prepared is still good. */
  limit(): void {
    this.#room = this.bytes;
  }

  close(): void {
    this.#files.close(this.#file);
  }

  /** A short write is not an error; no progress is. */
  #writeAt(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      const written = this.#files.write(this.#file, bytes, done, bytes.length - done, position + done);
      if (written <= 0) throw new Error(`no progress writing ${this.path}`);
      done += written;
    }
  }
}
