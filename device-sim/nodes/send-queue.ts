import type { UpMessage } from '../../protocol/button-bus/message.ts';
import type { Random } from '../random.ts';
import { higher, type Status } from './press-watch.ts';

/** Frames a node holds at once: what an 8-bit microcontroller has the memory for. */
const QUEUE_LENGTH = 8;
const FIRST_REPEAT_MS = 80;
const LONGEST_REPEAT_MS = 2_000;
/**
 * Each repeat waits up to this share longer, so that nodes that collided part; the first still
 * comes within 100 ms.
 */
const JITTER = 0.2;
/**
 * First sending of anything but a press: a random wait up to this, against collisions on a shared
 * line.
 */
export const FIRST_WAIT_MS = 50;
/**
 * The gateway takes what it has not heard yet only within this many counters of the highest it has
 * heard…
 */
const WINDOW = 63;
/** …and a node keeps well inside. */
const MAX_AHEAD = 32;

export interface SentFrame {
  readonly message: UpMessage;
  readonly counter: number;
  readonly wire: Uint8Array;
}

/** What an acknowledgement did to a frame that waited. */
interface Acknowledged {
  readonly frame: SentFrame;
  /** The highest status it was told so far. */
  readonly status: Status;
  /** Out of the queue. */
  readonly done: boolean;
}

interface Entry {
  readonly message: UpMessage;
  /**
   * Absent until first sent: the counter is taken only then, so that what is replaced before costs
   * none.
   */
  sent: SentFrame | undefined;
  nextMs: number;
  gapMs: number;
  /** Told `notConfirmed`, which says nothing of whether the gateway has it safe. */
  notConfirmed: boolean;
}

interface Sealer {
  /** Takes the next counter. */
  seal(message: UpMessage): SentFrame;
  /** Counter of the newest frame; 0 before the first. */
  counter(): number;
}

/**
 * Frames on their way to the gateway, each repeated byte for byte until acknowledged. Presses go
 * before everything else. A press is given up only when all places are taken and an older press of
 * the same button and pattern waits, which speaks for it.
 */
export class SendQueue {
  readonly #random: Random;
  readonly #sealer: Sealer;
  #entries: Entry[] = [];
  /** Presses that found no place, at most one of each button and pattern; oldest first. */
  #outside: UpMessage[] = [];

  constructor(random: Random, sealer: Sealer) {
    this.#random = random;
    this.#sealer = sealer;
  }

  get length(): number {
    return this.#entries.length;
  }

  has(type: UpMessage['type']): boolean {
    return this.#entries.some((entry) => entry.message.type === type);
  }

  /**
   * False if there is no place now. A press that none of those waiting speaks for is then kept
   * outside until there is.
   */
  offer(message: UpMessage, nowMs: number): boolean {
    this.#entries = this.#entries.filter((entry) => !supersedes(message, entry.message));
    if (this.#entries.length >= QUEUE_LENGTH && !this.#makeRoom(message)) {
      if (isPress(message) && !this.#spokenFor(message)) this.#outside.push(message);
      return false;
    }
    this.#enqueue(message, nowMs + (isPress(message) ? 0 : this.#random() * FIRST_WAIT_MS));
    return true;
  }

  /** What is to be sent now, presses first. */
  due(nowMs: number): Uint8Array[] {
    while (this.#entries.length < QUEUE_LENGTH) {
      const message = this.#outside.shift();
      if (message === undefined) break;
      this.#enqueue(message, nowMs);
    }
    const wires: Uint8Array[] = [];
    for (const entry of this.#inOrder()) {
      if (entry.nextMs <= nowMs && this.#maySend(entry)) wires.push(this.#send(entry, nowMs));
    }
    return wires;
  }

  /** When `due` next has something; `Infinity` if never by itself. */
  wakeMs(): number {
    return this.#entries.reduce(
      (wake, entry) => (this.#maySend(entry) ? Math.min(wake, entry.nextMs) : wake),
      Infinity,
    );
  }

  /**
   * The frame with this counter was answered; any answer but `notConfirmed` takes it out.
   * `undefined` if none waits.
   */
  acknowledge(counter: number, status: Status): Acknowledged | undefined {
    const found = this.#entries.find((entry) => entry.sent?.counter === counter);
    if (found?.sent === undefined) return undefined;
    if (status === 'notConfirmed') {
      found.notConfirmed = true;
      return { frame: found.sent, status, done: false };
    }
    this.#entries = this.#entries.filter((entry) => entry !== found);
    return { frame: found.sent, status: found.notConfirmed ? higher('notConfirmed', status) : status, done: true };
  }

  #enqueue(message: UpMessage, nextMs: number): void {
    this.#entries.push({ message, sent: undefined, nextMs, gapMs: FIRST_REPEAT_MS, notConfirmed: false });
  }

  #inOrder(): Entry[] {
    const presses = this.#entries.filter((entry) => isPress(entry.message));
    return [...presses, ...this.#entries.filter((entry) => !isPress(entry.message))];
  }

  #send(entry: Entry, nowMs: number): Uint8Array {
    if (entry.sent === undefined || this.#isOvertaken(entry)) {
      entry.sent = this.#sealer.seal(entry.message);
      entry.gapMs = FIRST_REPEAT_MS;
    }
    entry.nextMs = nowMs + entry.gapMs * (1 + JITTER * this.#random());
    entry.gapMs = Math.min(LONGEST_REPEAT_MS, entry.gapMs * 2);
    return entry.sent.wire;
  }

  /**
   * So far behind the newest frame that the gateway takes it no more, or soon won't: it needs a new
   * counter.
   */
  #isOvertaken(entry: Entry): boolean {
    if (entry.sent === undefined) return false;
    return this.#sealer.counter() - entry.sent.counter > (isPress(entry.message) ? WINDOW : MAX_AHEAD);
  }

  /** What is no press waits while its new counter would be too far from an unacknowledged press. */
  #maySend(entry: Entry): boolean {
    if (isPress(entry.message) || (entry.sent !== undefined && !this.#isOvertaken(entry))) return true;
    const oldest = this.#entries.reduce(
      (min, other) => (isPress(other.message) && other.sent !== undefined ? Math.min(min, other.sent.counter) : min),
      Infinity,
    );
    return this.#sealer.counter() + 1 - oldest <= MAX_AHEAD;
  }

  #makeRoom(message: UpMessage): boolean {
    if (!isPress(message)) return false;
    const victim = this.#entries.findLast((entry) => !isPress(entry.message)) ?? this.#newestDoubled(message);
    this.#entries = this.#entries.filter((entry) => entry !== victim);
    return victim !== undefined;
  }

  /**
   * The newest press that an older one speaks for; `undefined` if there is none, or if it is
   * `message` itself, the newest of all.
   */
  #newestDoubled(message: UpMessage): Entry | undefined {
    if (this.#spokenFor(message)) return undefined;
    return this.#entries.findLast((entry, at) =>
      this.#entries.slice(0, at).some((older) => isSamePress(older.message, entry.message)),
    );
  }

  #spokenFor(message: UpMessage): boolean {
    return [...this.#entries.map((entry) => entry.message), ...this.#outside].some((other) =>
      isSamePress(other, message),
    );
  }
}

function isPress(message: UpMessage): boolean {
  return message.type === 'press';
}

function isSamePress(a: UpMessage, b: UpMessage): boolean {
  return a.type === 'press' && b.type === 'press' && a.button === b.button && a.pattern === b.pattern;
}

/**
 * Only the newest state of a point, and the newest heartbeat and hello, are worth sending; while a
 * press waits, no heartbeat is.
 */
function supersedes(message: UpMessage, older: UpMessage): boolean {
  if (message.type === 'press') return older.type === 'heartbeat';
  if (message.type === 'point') return older.type === 'point' && older.point === message.point;
  return message.type === older.type && (message.type === 'heartbeat' || message.type === 'hello');
}
