import { EventEmitter } from 'node:events';
import { answerDataBytes, candidateBytes, type InputSpan, REQUEST_BYTES } from '../modbus-input-map.ts';
import { ANSWER_BYTES_MIN, ECHO_BYTES_MAX, echoBytes, GLITCH_BYTES, isFrame } from './echo.ts';
import { RecentPolls } from './recent-polls.ts';

/**
 * The largest frame (MODBUS over Serial Line V1.02, §2.5.1) is 256 bytes; beside it there may be
 * what others sent.
 */
const BUFFER_BYTES = 1_024;

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
  /** It is one whole frame: somebody's answer. */
  readonly isFrame: boolean;
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
  /** Bytes heard before the request had left. */
  #earlyBytes = 0;
  #dataBytes = 0;
  readonly #echoes = new RecentPolls();

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
    if (this.#taken > 0) this.#echoes.note(this.#hasEcho);
    request.copy(this.#request);
    this.forget();
    const [code, count] = [request[1] as InputSpan['code'], request.readUInt16BE(4)];
    this.#dataBytes = answerDataBytes({ code, start: 0, count });
    this.#waitsFor = this.#dataBytes;
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

  /** More than drivers make when they switch. */
  get hasHeard(): boolean {
    return this.heardBytes >= ANSWER_BYTES_MIN;
  }

  /** @param early the request can't have left as a whole yet */
  receive(chunk: Uint8Array, early = false): void {
    if (early) this.#earlyBytes += chunk.length;
    // No answer is this long: another device sends without a pause.
    if (this.#length + chunk.length > BUFFER_BYTES) this.#drop();
    const room = Math.min(chunk.length, BUFFER_BYTES);
    this.#buffer.set(chunk.subarray(chunk.length - room), this.#length);
    this.#length += room;
    if (this.#waitsFor !== undefined) this.#offerCandidates(this.#waitsFor);
  }

  /** It was followed by a good answer, or an exception. */
  get isAnswered(): boolean {
    return this.#answer !== undefined && this.#answer.to > this.#answer.from;
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
    this.#earlyBytes = 0;
  }

  #offerCandidates(dataBytes: number): void {
    for (; this.#scanAt + ANSWER_BYTES_MIN <= this.#length; this.#scanAt++) {
      const bytes = candidateBytes(this.#buffer, this.#scanAt, this.#request, dataBytes);
      if (bytes === 0) continue;
      const end = this.#scanAt + bytes;
      if (end > this.#length) return;
      this.emit('data', this.#buffer.subarray(this.#scanAt, end));
      if (this.#waitsFor !== undefined) continue;
      this.#answer = { from: this.#scanAt, to: end };
      return;
    }
  }

  /** Bytes before the answer, or all if there is none. */
  get #before(): Uint8Array {
    return this.#buffer.subarray(0, this.#answer?.from ?? this.#length);
  }

  get #echoBytes(): number {
    const hints = { earlyBytes: this.#earlyBytes, usual: !this.#echoes.isRare, dataBytes: this.#dataBytes };
    // A good answer shows where the rest begins.
    const guess = this.isAnswered ? undefined : hints;
    return echoBytes(this.#before, this.#request, guess);
  }

  /** What comes before a good answer and is as long as a request is an echo, however garbled. */
  get #hasEcho(): boolean {
    const before = this.#before;
    const mayBe = this.isAnswered && before.length > GLITCH_BYTES && before.length <= ECHO_BYTES_MAX;
    return this.#echoBytes > GLITCH_BYTES || (mayBe && !isFrame(before));
  }

  #stray(from: number, to: number): Stray {
    return {
      address: this.#buffer[from] ?? 0,
      code: (this.#buffer[from + 1] ?? 0) & 0x7f,
      length: Math.max(0, to - from),
      isFrame: isFrame(this.#buffer.subarray(from, to)),
    };
  }
}
