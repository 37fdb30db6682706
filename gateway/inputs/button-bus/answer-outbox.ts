import { WIRE_BYTES_MAX } from '../../../protocol/button-bus/frame.ts';
import { PacedAction } from '../../system/paced-action.ts';

/**
 * Answers that wait while the port has no room; beyond them the oldest go: the node repeats, and
 * gets the newer one.
 */
const ANSWERS_MAX = 1_024;
/**
 * What a terminal of Linux takes at once; the rest stays unsealed, so that a newer answer can still
 * replace it.
 */
const WRITE_BYTES = 4_096;
/** Nobody sees a lamp lag by this much, and a storm's answers leave together. */
const GATHER_MS = 10;
const RETRY_MS = 5;
/** Without room for this long the output is reported as blocked. */
const BLOCKED_MS = 2_000;

interface OutboxPort {
  readonly isOpen: boolean;
  /** How many bytes were taken, 0…length. Never blocks, never throws. */
  write(bytes: Uint8Array): number;
}

/**
 * Answers on their way to the nodes, gathered into few writes. An answer replaces an older one with
 * its key. Never blocks and never grows beyond its bound.
 */
export class AnswerOutbox<T> {
  readonly #port: OutboxPort;
  readonly #seal: (answer: T) => Uint8Array;
  readonly #onBlocked: (blocked: boolean) => void;
  readonly #waiting = new Map<string, T>();
  /** What one write takes. It is filled anew when the port has taken all of it. */
  readonly #sealed = new Uint8Array(WRITE_BYTES);
  /** What is left of a write that the port took in part. */
  #rest: Uint8Array | undefined;
  readonly #writing = new PacedAction(() => this.#flush(), GATHER_MS);
  #timer: NodeJS.Timeout | undefined;
  #waitedMs = 0;
  #droppedAnswers = 0;

  constructor(port: OutboxPort, seal: (answer: T) => Uint8Array, onBlocked: (blocked: boolean) => void) {
    this.#port = port;
    this.#seal = seal;
    this.#onBlocked = onBlocked;
  }

  /** Answers given up: for newer ones, or with the port. */
  get dropped(): number {
    return this.#droppedAnswers;
  }

  send(key: string, answer: T): void {
    // Behind all others, not in the old one's place: a node obeys only rising counters, given when
    // sealed.
    this.#waiting.delete(key);
    this.#waiting.set(key, answer);
    if (this.#waiting.size > ANSWERS_MAX) this.#dropOldest();
    if (this.#timer === undefined) this.#writing.request();
  }

  /** The port is gone: what waited for it is of no use to another. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing.cancel();
    this.#droppedAnswers += this.#waiting.size;
    this.#waiting.clear();
    this.#rest = undefined;
    this.#waitedMs = 0;
  }

  #dropOldest(): void {
    for (const oldest of this.#waiting.keys()) {
      this.#waiting.delete(oldest);
      this.#droppedAnswers += 1;
      return;
    }
  }

  #flush(): void {
    this.#timer = undefined;
    for (let bytes = this.#next(); bytes !== undefined; bytes = this.#next()) {
      const taken = this.#port.write(bytes);
      // The write found the port lost, and the outbox has been cleared.
      if (!this.#port.isOpen) return;
      this.#rest = taken < bytes.length ? bytes.subarray(taken) : undefined;
      if (taken > 0) this.#unblock();
      if (this.#rest !== undefined) {
        this.#wait();
        return;
      }
    }
  }

  #next(): Uint8Array | undefined {
    if (this.#rest !== undefined) return this.#rest;
    let length = 0;
    for (const [key, answer] of this.#waiting) {
      if (length > WRITE_BYTES - WIRE_BYTES_MAX) break;
      this.#waiting.delete(key);
      const frame = this.#seal(answer);
      this.#sealed.set(frame, length);
      length += frame.length;
    }
    return length === 0 ? undefined : this.#sealed.subarray(0, length);
  }

  #wait(): void {
    this.#waitedMs += RETRY_MS;
    if (this.#waitedMs === BLOCKED_MS) this.#onBlocked(true);
    this.#timer = setTimeout(() => this.#flush(), RETRY_MS);
  }

  #unblock(): void {
    if (this.#waitedMs >= BLOCKED_MS) this.#onBlocked(false);
    this.#waitedMs = 0;
  }
}
