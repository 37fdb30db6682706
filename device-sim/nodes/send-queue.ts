import type { UpMessage } from '../../protocol/button-bus/message.ts';
import type { Random } from '../random.ts';
import { higher, type Status } from './press-watch.ts';

/** Number of frames that a node holds at once. An 8-bit microcontroller has memory for no more. */
const QUEUE_LENGTH = 8;
const BUTTONS_MAX = 16;
const FIRST_REPEAT_MS = 80;
const LONGEST_REPEAT_MS = 2_000;
/**
 * Each repeat waits longer by up to this share, so that nodes whose frames collided drift apart.
 * The first repeat still comes within 100 ms.
 */
const JITTER = 0.2;
/**
 * Longest random wait before the first sending of anything but a press. It avoids collisions on a
 * shared line.
 */
export const FIRST_WAIT_MS = 50;
/**
 * The gateway accepts a frame it has not heard yet only within this distance below the highest
 * counter it has heard.
 */
const WINDOW = 63;
/** A node keeps well inside that window. */
const MAX_AHEAD = 32;

/** The last counter of an epoch (section 2 of the specification). */
export const COUNTER_MAX = 0xffff_ffff;

export interface SentFrame {
  readonly message: UpMessage;
  readonly counter: number;
  readonly wire: Uint8Array;
}

/** The effect of an acknowledgement on a waiting frame. */
interface Acknowledged {
  readonly frame: SentFrame;
  /** The highest status received so far. */
  readonly status: Status;
  /** True if the frame has left the queue. */
  readonly done: boolean;
}

interface Entry {
  readonly message: UpMessage;
  /**
   * The counter, absent until the first sending. A frame that is replaced before that uses none.
   */
  sent: SentFrame | undefined;
  nextMs: number;
  gapMs: number;
  /** True after a `notConfirmed`, which does not say whether the gateway has stored the press. */
  notConfirmed: boolean;
}

type Press = Extract<UpMessage, { type: 'press' }>;

interface Sealer {
  /** Takes the next counter. `notConfirmed`: it was sent under another, and that was the answer. */
  seal(message: UpMessage, notConfirmed: boolean): SentFrame;
  /** Counter of the newest frame; 0 before the first. */
  counter(): number;
}

/**
 * Frames on their way to the gateway. Each is repeated byte for byte until it is acknowledged.
 * Presses go first. The queue drops a press only if all places are in use and an older press of the
 * same button and pattern still waits and stands for it.
 */
export class SendQueue {
  readonly #random: Random;
  readonly #sealer: Sealer;
  #entries: Entry[] = [];
  /**
   * Presses that found no place: at most one of each button and pattern. A node keeps a bit for
   * each, so they come in the order of pattern and button, and not of time.
   */
  #outside: Press[] = [];

  constructor(random: Random, sealer: Sealer) {
    this.#random = random;
    this.#sealer = sealer;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** True if a press waits for a place. */
  get hasOutside(): boolean {
    return this.#outside.length > 0;
  }

  /** True if a press waits, in a place or for one. */
  get hasPress(): boolean {
    return this.hasOutside || this.has('press');
  }

  has(type: UpMessage['type']): boolean {
    return this.#entries.some((entry) => entry.message.type === type);
  }

  /** `outside`: a press for which none stands, kept until there is a place. */
  offer(message: UpMessage, nowMs: number): 'taken' | 'outside' | 'dropped' {
    this.#entries = this.#entries.filter((entry) => !supersedes(message, entry.message));
    if (this.#entries.length >= QUEUE_LENGTH && !this.#makeRoom(message)) {
      if (message.type !== 'press' || this.#spokenFor(message)) return 'dropped';
      this.#outside = [...this.#outside, message].sort((a, b) => outsideOrder(a) - outsideOrder(b));
      return 'outside';
    }
    this.#enqueue(message, nowMs + (isPress(message) ? 0 : this.#random() * FIRST_WAIT_MS));
    return 'taken';
  }

  /** Returns the frames to send now, presses first. */
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

  /** Returns the time at which `due` next has a frame; `Infinity` if it never will by itself. */
  wakeMs(): number {
    return this.#entries.reduce(
      (wake, entry) => (this.#maySend(entry) ? Math.min(wake, entry.nextMs) : wake),
      Infinity,
    );
  }

  /**
   * Takes an answer to the frame with this counter. Any answer but `notConfirmed` removes the
   * frame. Returns `undefined` if no such frame waits.
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
      entry.sent = this.#sealer.seal(entry.message, entry.notConfirmed);
      entry.gapMs = FIRST_REPEAT_MS;
    }
    entry.nextMs = nowMs + entry.gapMs * (1 + JITTER * this.#random());
    entry.gapMs = Math.min(LONGEST_REPEAT_MS, entry.gapMs * 2);
    return entry.sent.wire;
  }

  /**
   * True if the frame is so far behind the newest that the gateway rejects it, or soon will. It
   * then needs a new counter.
   */
  #isOvertaken(entry: Entry): boolean {
    if (entry.sent === undefined) return false;
    return this.#sealer.counter() - entry.sent.counter > (isPress(entry.message) ? WINDOW : MAX_AHEAD);
  }

  /**
   * Holds back anything but a press while its new counter would be too far from an unacknowledged
   * press.
   */
  #maySend(entry: Entry): boolean {
    if (entry.sent !== undefined && !this.#isOvertaken(entry)) return true;
    if (this.#sealer.counter() === COUNTER_MAX) return false;
    if (isPress(entry.message)) return true;
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
   * Returns the newest press that an older one stands for. It is `undefined` if there is none, or
   * if it is `message` itself, the newest of all.
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

function outsideOrder({ button, pattern }: Press): number {
  return pattern === 'single' ? button : BUTTONS_MAX + button;
}

function isPress(message: UpMessage): boolean {
  return message.type === 'press';
}

function isSamePress(a: UpMessage, b: UpMessage): boolean {
  return a.type === 'press' && b.type === 'press' && a.button === b.button && a.pattern === b.pattern;
}

/**
 * Only the newest state of a point, and the newest heartbeat and hello, are worth sending. While a
 * press waits, no heartbeat is sent.
 */
function supersedes(message: UpMessage, older: UpMessage): boolean {
  if (message.type === 'press') return older.type === 'heartbeat';
  if (message.type === 'point') return older.type === 'point' && older.point === message.point;
  return message.type === older.type && (message.type === 'heartbeat' || message.type === 'hello');
}
