import { EventEmitter } from 'node:events';

/**
 * The largest frame (MODBUS over Serial Line V1.02, §2.5.1) is 256 bytes; beside it there may be
 * what others sent.
 */
const BUFFER_BYTES = 1_024;
const REQUEST_BYTES = 8;
/** Address, function, exception code, CRC. */
const EXCEPTION_BYTES = 5;
/** Address, function, number of bytes; then the bytes and the CRC. */
const ANSWER_OVERHEAD = 5;

/** What this needs of a serial line. */
export interface RequestLine {
  readonly isOpen: boolean;
  /** How many bytes the system took. */
  write(bytes: Uint8Array): number;
}

/** Bytes heard that are not the answer. */
export interface Stray {
  readonly address: number;
  readonly code: number;
  readonly length: number;
}

/**
 * The port that modbus-serial writes requests to and hears answers from, over a line that is kept
 * open by others.
 *
 * The library's own buffered port (RTUBufferedPort) opens a serialport stream and keeps what came
 * late for the next request. This one cuts frames by their expected length too, but drops what came
 * before the request, and offers one candidate after the other until the library, which checks the
 * CRC, has accepted one: a byte of noise costs no answer.
 */
export class RtuPort extends EventEmitter {
  readonly #line: RequestLine;
  readonly #buffer = Buffer.alloc(BUFFER_BYTES);
  readonly #request = Buffer.alloc(REQUEST_BYTES);
  #length = 0;
  /** Where the next candidate may begin. */
  #scanAt = 0;
  /** Bytes of data in the answer waited for; `undefined`: nothing is waited for. */
  #waitsFor: number | undefined;
  #answer: { from: number; to: number } | undefined;
  #taken = 0;

  constructor(line: RequestLine) {
    super();
    this.#line = line;
  }

  // The library's side.

  get isOpen(): boolean {
    return this.#line.isOpen;
  }

  open(done: (error: Error | null) => void): void {
    done(null);
  }

  close(done?: () => void): void {
    done?.();
  }

  write(request: Buffer): void {
    request.copy(this.#request);
    this.forget();
    this.#waitsFor = Math.ceil(request.readUInt16BE(4) / 8);
    this.#taken = this.#line.write(request);
  }

  // The driver's side.

  /** The last request went out as a whole. */
  get wasTaken(): boolean {
    return this.#taken === REQUEST_BYTES;
  }

  /** Bytes heard since the request; its own echo, which some two-wire adapters give, is none. */
  get heardBytes(): number {
    return this.#length - this.#echoBytes;
  }

  receive(chunk: Uint8Array): void {
    // No answer is this long: another device sends without a pause.
    if (this.#length + chunk.length > BUFFER_BYTES) this.#drop();
    const room = Math.min(chunk.length, BUFFER_BYTES);
    this.#buffer.set(chunk.subarray(chunk.length - room), this.#length);
    this.#length += room;
    if (this.#waitsFor !== undefined) this.#offerCandidates(this.#waitsFor);
  }

  /** The library has accepted the candidate it was offered last. */
  accept(): void {
    this.#waitsFor = undefined;
  }

  /** Nothing is waited for any more. */
  giveUp(): void {
    this.#waitsFor = undefined;
    this.#answer = { from: this.#length, to: this.#length };
  }

  forget(): void {
    this.#waitsFor = undefined;
    this.#drop();
  }

  /** What was heard before the answer or the end of waiting, since the request. */
  get strayBefore(): Stray {
    return this.#stray(this.#echoBytes, this.#answer?.from ?? this.#length);
  }

  /** What was heard after it. */
  get strayAfter(): Stray {
    return this.#stray(this.#answer?.to ?? this.#length, this.#length);
  }

  #drop(): void {
    this.#length = 0;
    this.#scanAt = 0;
    this.#answer = undefined;
  }

  #offerCandidates(dataBytes: number): void {
    for (; this.#scanAt + EXCEPTION_BYTES <= this.#length; this.#scanAt++) {
      const bytes = this.#candidateBytes(this.#scanAt, dataBytes);
      if (bytes === 0) continue;
      const end = this.#scanAt + bytes;
      if (end > this.#length) return;
      this.emit('data', this.#buffer.subarray(this.#scanAt, end));
      if (this.#waitsFor !== undefined) continue;
      this.#answer = { from: this.#scanAt, to: end };
      return;
    }
  }

  /**
   * Length of the frame that may begin here; 0: none does. modbus-serial does not look at the
   * address of an exception.
   */
  #candidateBytes(at: number, dataBytes: number): number {
    if (this.#buffer[at] !== this.#request[0]) return 0;
    const code = this.#buffer[at + 1] ?? 0;
    const asked = this.#request[1] ?? 0;
    if (code === (asked | 0x80)) return EXCEPTION_BYTES;
    return code === asked && this.#buffer[at + 2] === dataBytes ? ANSWER_OVERHEAD + dataBytes : 0;
  }

  get #echoBytes(): number {
    const echoed =
      this.#length >= REQUEST_BYTES && this.#buffer.compare(this.#request, 0, REQUEST_BYTES, 0, REQUEST_BYTES) === 0;
    return echoed ? REQUEST_BYTES : 0;
  }

  #stray(from: number, to: number): Stray {
    return {
      address: this.#buffer[from] ?? 0,
      code: (this.#buffer[from + 1] ?? 0) & 0x7f,
      length: Math.max(0, to - from),
    };
  }
}
