import type { JournalFiles } from './journal-files.ts';
import { decodeLine, NEWLINE } from './journal-line.ts';
import { type SegmentFile, segmentPath } from './segment-file.ts';
import { decodeHeader, type SegmentHeader } from './segment-header.ts';

const PIECE_BYTES = 256 * 1024;
/** The reader looks for the end of a file in reads of this size, bytes. */
const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(PIECE_BYTES);
/** More zeros than this, bytes, are unused room: no write can have lost as many. */
const ZEROS_BYTES_MAX = 1024 * 1024;
/** No header is longer than this, bytes. */
const HEADER_BYTES_MAX = 16 * 1024 * 1024;

/** Reads one segment in pieces from its beginning to the end of its records. */
export class SegmentSource {
  readonly segment: SegmentFile;
  readonly #files: JournalFiles;
  readonly #read: (bytes: number) => void;
  #file: number | undefined;
  #isOpened = false;
  #ahead: Uint8Array[] = [];
  /** Why it could not be read to its end. */
  error: unknown;
  /** Bytes read so far. */
  bytes = 0;
  /**
   * True once the reader has seen the end of the file. Until then the bytes behind `bytes` are
   * unknown.
   */
  isAtEnd = false;

  /** @param read called after each piece */
  constructor(files: JournalFiles, segment: SegmentFile, read: (bytes: number) => void = () => {}) {
    this.segment = segment;
    this.#files = files;
    this.#read = read;
  }

  /** The header, if the first line is one. Ask for it before you take `pieces`. */
  header(): SegmentHeader | undefined {
    let line: Uint8Array = new Uint8Array(0);
    for (;;) {
      const piece = this.#next();
      if (piece === undefined) return undefined;
      this.#ahead.push(piece);
      line = line.length === 0 ? piece : Buffer.concat([line, piece]);
      const end = line.indexOf(NEWLINE);
      if (end < 0 && line.length < HEADER_BYTES_MAX) continue;
      const decoded = end < 0 ? undefined : decodeLine(line.subarray(0, end));
      return decoded === undefined ? undefined : decodeHeader(decoded);
    }
  }

  *pieces(): Generator<Uint8Array> {
    let zeros = 0;
    try {
      for (let piece = this.#take(); piece !== undefined; piece = this.#take()) {
        zeros = ZEROS.compare(piece, 0, piece.length, 0, piece.length) === 0 ? zeros + piece.length : 0;
        yield piece;
        if (zeros >= ZEROS_BYTES_MAX) return;
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    const file = this.#file;
    this.#file = undefined;
    this.#isOpened = true;
    if (file === undefined) return;
    try {
      this.#files.close(file);
    } catch (error) {
      this.error ??= error;
    }
  }

  #take(): Uint8Array | undefined {
    return this.#ahead.shift() ?? this.#next();
  }

  #next(): Uint8Array | undefined {
    if (this.isAtEnd || this.error !== undefined) return undefined;
    try {
      if (!this.#isOpened) this.#file = this.#files.openRead(segmentPath(this.segment));
      this.#isOpened = true;
      if (this.#file === undefined) return undefined;
      const left = this.segment.bytes - this.bytes;
      const piece = new Uint8Array(Math.min(PIECE_BYTES, Math.max(BLOCK_BYTES, left)));
      const length = this.#files.readAt(this.#file, piece);
      if (length > 0) {
        this.bytes += length;
        this.#read(length);
        return piece.subarray(0, length);
      }
      this.isAtEnd = true;
    } catch (error) {
      this.error = error;
    }
    return undefined;
  }
}
